include: [a, main]
b: test.nop
