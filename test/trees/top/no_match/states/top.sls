base:
  'other': [a]
