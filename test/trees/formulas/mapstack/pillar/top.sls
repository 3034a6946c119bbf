base:
  '*': [app]
