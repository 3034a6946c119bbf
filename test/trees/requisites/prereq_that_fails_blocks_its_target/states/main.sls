target: test.succeed_with_changes
fails:
  test.fail_without_changes:
    - prereq: [{test: target}]
after target:
  test.nop:
    - require: [{test: target}]
on change of target:
  test.nop:
    - onchanges: [{test: target}]
