nop: test.nop
succeed: test.succeed_with_changes
unchanged: test.succeed_without_changes
fail: test.fail_without_changes
fail changed: test.fail_with_changes
configured:
  test.configurable_test_state:
    - changes: True
    - result: True
    - comment: as told
configured failing:
  test.configurable_test_state:
    - changes: False
    - result: False
notification:
  test.show_notification:
    - text: hello
pillar there:
  test.check_pillar:
    - present: [a]
    - string: [a]
pillar not there:
  test.check_pillar:
    - present: [gone]
pillar wrong kind:
  test.check_pillar:
    - integer: [a]
