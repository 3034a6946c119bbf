a:
  test.nop:
    - require:
      - test: d
b: test.nop
c: test.nop
d:
  test.nop:
    - require:
      - test: c
