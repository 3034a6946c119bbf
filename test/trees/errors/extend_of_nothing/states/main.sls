extend:
  gone:
    test:
      - text: x
  also gone:
    test.nop:
      - text: x
a: test.nop
