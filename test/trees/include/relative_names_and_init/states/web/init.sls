include:
  - .part
  - ..sibling
  - .deep
web: test.nop
