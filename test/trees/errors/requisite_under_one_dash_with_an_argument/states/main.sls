a:
  test.nop:
    - text: x
      require: [{test: b}]
b: test.nop
