both:
  test.nop:
    - order: last
  cmd.run:
    - name: 'true'
middle: test.nop
