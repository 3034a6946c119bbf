a: test.succeed_with_changes
ear:
  cmd.wait:
    - name: 'false'
    - failhard: True
    - listen: [{test: a}]
second ear:
  test.nop:
    - listen: [{test: a}]
stop:
  test.fail_without_changes:
    - failhard: True
not reached: test.nop
