include:
  - a
  - base: a
  - .a
main: test.nop
