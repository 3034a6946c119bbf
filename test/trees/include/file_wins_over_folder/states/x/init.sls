folder: test.nop
