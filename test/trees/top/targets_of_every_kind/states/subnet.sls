subnet: test.nop
