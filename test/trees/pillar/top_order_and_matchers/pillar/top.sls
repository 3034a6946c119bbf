base:
  '*':
    - order: 10
    - late
  'node1':
    - order: 1
    - early
  'G@kernel:Linux':
    - linux
  'kernel:Linux':
    - match: grain
    - grain
  'other':
    - gone
