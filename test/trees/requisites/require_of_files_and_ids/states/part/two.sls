shared:
  test.nop: []
  cmd.run:
    - name: 'true'
