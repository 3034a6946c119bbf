include: [x]
main: test.nop
