base:
  '*':
    - a
    - b
  'node*':
    - c
