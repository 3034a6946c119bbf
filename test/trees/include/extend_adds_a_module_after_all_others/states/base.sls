alpha: test.nop
zeta: test.nop
