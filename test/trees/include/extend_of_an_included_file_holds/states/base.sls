base:
  test.show_notification:
    - text: own
