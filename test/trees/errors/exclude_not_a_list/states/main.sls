exclude: a
a: test.nop
