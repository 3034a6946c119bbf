pillar_list: test.nop
