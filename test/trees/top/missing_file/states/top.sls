base:
  '*':
    - a
    - bb
