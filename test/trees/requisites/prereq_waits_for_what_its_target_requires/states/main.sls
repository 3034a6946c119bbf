first: test.nop
target:
  test.succeed_with_changes:
    - require: [{test: last}]
early:
  test.succeed_with_changes:
    - prereq: [{test: target}]
    - order: 1
last: test.nop
