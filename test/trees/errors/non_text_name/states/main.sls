a:
  test.nop:
    - name: 5
b:
  test.nop:
    - names: [1, x, [y]]
