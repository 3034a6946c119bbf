include:
  - dev: a
