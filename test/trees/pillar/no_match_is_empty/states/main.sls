check:
  test.nop:
    - data: {{ pillar | json }}
