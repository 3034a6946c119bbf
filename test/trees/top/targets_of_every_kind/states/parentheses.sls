parentheses: test.nop
