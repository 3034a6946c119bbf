grain_pcre: test.nop
