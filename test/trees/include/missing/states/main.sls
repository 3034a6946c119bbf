include:
  - a
  - wbe.server
