include: [..part, ...sibling, .x]
deep: test.nop
