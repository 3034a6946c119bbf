fails:
  test.succeed_with_changes:
    - check_cmd: ['false']
saves:
  test.fail_with_changes:
    - check_cmd: ['true', 'true']
one of two fails:
  test.succeed_without_changes:
    - check_cmd: ['true', 'false']
after a skip:
  test.succeed_with_changes:
    - onlyif: 'false'
    - check_cmd: ['false']
of a command:
  cmd.run:
    - name: 'false'
    - check_cmd: ['true']
needs it:
  test.nop:
    - require: [{test: saves}]
blocked is not checked:
  test.nop:
    - require: [{test: fails}]
    - check_cmd: ['true']
