extend:
  main:
    test:
      - text: from a
