a:
  test.nop:
    - require: [{test: b}]
    - require: [{test: c}]
b: test.nop
c: test.nop
