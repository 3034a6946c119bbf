include:
  - .part
  - web.abs
  - shared
  - more.*
  - keyed:
      key: under:it
name: init
list: [init]
