a:
  test.nop:
    - text: own
extend:
  a:
    test:
      - text: extended
      - order: 3
