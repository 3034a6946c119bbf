a:
  test.nop:
    - x: {{ 'a' | uper }}
    - y: {{ salt['file.exists']('/x') }}
