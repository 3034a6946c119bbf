a:
  test.nop:
    - text: {{ 'a: b' }}
