skips:
  test.succeed_with_changes:
    - unless: 'true'
before a skipped one:
  test.succeed_with_changes:
    - prereq: [{test: skips}]
runs: test.succeed_with_changes
skipped before:
  test.succeed_with_changes:
    - unless: 'true'
    - prereq: [{test: runs}]
command:
  cmd.run:
    - name: 'true'
before a command:
  test.succeed_with_changes:
    - prereq: [{cmd: command}]
failing:
  test.fail_without_changes: []
before a failing one:
  test.succeed_with_changes:
    - prereq: [{test: failing}]
