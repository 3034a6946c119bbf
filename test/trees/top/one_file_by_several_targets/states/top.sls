base:
  '*': [b, a]
  'node*': [a, c, b]
