a:
  test.nop:
    - require: b
b:
  test.nop:
    - require:
        test: a
c:
  test.nop:
    - require:
      - test.nop: a
d:
  test.nop:
    - require:
      - test: [a]
e:
  test.nop:
    - require:
      - test: a
        cmd: b
f:
  test.nop:
    - require:
      - test: 8080
