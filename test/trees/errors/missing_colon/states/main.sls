a:
  test.nop
    - text: x
