include: [base]
extend:
  base:
    test:
      - succeed_with_changes
      - text: replaced
      - order: 1
