include: [plain, data, both]
main: test.nop
