include: [a]
main: test.nop
