include: [empty, comment, blank]
main: test.nop
