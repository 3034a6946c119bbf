include: [a, b, sub.c, sub.d]
exclude:
  - a
  - id: b2
  - sls: sub.*
main: test.nop
