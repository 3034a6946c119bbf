a:
  test.nop:
    - x: {{ grains['nope'] }}
