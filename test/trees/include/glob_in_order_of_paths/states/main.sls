include: ['parts*']
main: test.nop
