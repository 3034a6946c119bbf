base:
  '*': [main, web.server]
