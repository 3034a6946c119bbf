pillar_glob: test.nop
