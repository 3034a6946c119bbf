dash: test.nop
