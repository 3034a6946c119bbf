a:
  test.nop:
    - x: {{ pillar.web.port }}
