include: [base]
extend:
  base:
    test:
      - text: from middle
      - require:
        - test: first
first: test.nop
