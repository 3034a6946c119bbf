include:
  - .other
web: test.nop
