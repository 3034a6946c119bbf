id:
  cmd.run:
    - name: 'true'
  test: [nop]
