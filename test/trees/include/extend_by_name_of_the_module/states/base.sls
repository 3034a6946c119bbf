an id:
  test.nop:
    - name: /some/name
