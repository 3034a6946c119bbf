base:
  '*': [common, node]
