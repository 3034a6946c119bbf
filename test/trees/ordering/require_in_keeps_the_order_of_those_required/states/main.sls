needs:
  test.nop:
    - require:
      - test: z
y:
  test.nop:
    - require_in: [{test: needs}]
x:
  test.nop:
    - require_in: [{test: needs}]
z: test.nop
