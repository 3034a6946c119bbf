include: [base]
extend:
  /some/name:
    test:
      - text: extended
