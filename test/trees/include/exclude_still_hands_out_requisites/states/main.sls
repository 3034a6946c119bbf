include: [a]
exclude: [a]
main: test.nop
