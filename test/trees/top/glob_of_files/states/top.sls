base:
  '*': ['web.*', 'd?']
