linux: test.nop
