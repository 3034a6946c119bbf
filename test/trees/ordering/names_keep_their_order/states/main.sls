many:
  test.nop:
    - names: [c, a, b]
many at one:
  test.nop:
    - order: 1
    - names: [z, y]
many last:
  test.nop:
    - order: last
    - names: [n, m]
many negative:
  test.nop:
    - order: -1
    - names: [q, p]
