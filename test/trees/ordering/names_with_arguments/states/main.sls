many:
  test.nop:
    - names:
      - a
      - b:
        - text: of b
        - order: 1
      - a
      - c: {text: of c}
    - text: common
none:
  test.nop:
    - names: []
