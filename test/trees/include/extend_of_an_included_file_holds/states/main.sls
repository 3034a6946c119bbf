include: [middle]
extend:
  base:
    test.show_notification:
      - text: from main
      - require:
        - test: second
second: test.nop
