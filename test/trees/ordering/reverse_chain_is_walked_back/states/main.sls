a1:
  test.nop: [{require: [{test: a2}]}]
a2:
  test.nop: [{require: [{test: a3}]}]
a3:
  test.nop: [{require: [{test: a4}]}]
a4: test.nop
