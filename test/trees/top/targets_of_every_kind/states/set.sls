set: test.nop
