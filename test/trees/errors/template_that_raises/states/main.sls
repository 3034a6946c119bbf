a:
  test.nop:
    - x: 1
{{ raise('this node is not prepared') }}
