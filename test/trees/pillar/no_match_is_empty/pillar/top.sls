base:
  'other': [gone]
