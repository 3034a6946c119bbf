base:
  '*': [a]
dev:
  'other': [b]
