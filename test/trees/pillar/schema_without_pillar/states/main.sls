first: test.nop
