pillar_deep: test.nop
