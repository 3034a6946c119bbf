include: [.other]
part: test.nop
