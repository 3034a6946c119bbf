include: [base]
extend:
  zeta:
    cmd.run:
      - name: 'true'
  alpha:
    cmd.run:
      - name: 'true # a'
last of main: test.nop
