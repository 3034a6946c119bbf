include:
  - .sibling
  - web
sibling's user: test.nop
