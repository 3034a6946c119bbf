grain_regex: test.nop
