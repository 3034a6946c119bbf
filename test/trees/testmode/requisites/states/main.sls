would change:
  test.succeed_with_changes: []
would not:
  test.succeed_without_changes: []
would fail:
  test.fail_without_changes: []
requires change:
  test.nop:
    - require: [{test: would change}]
requires failure:
  test.nop:
    - require: [{test: would fail}]
on changes:
  test.succeed_with_changes:
    - onchanges: [{test: would change}]
on no changes:
  test.succeed_with_changes:
    - onchanges: [{test: would not}]
on fail:
  test.succeed_with_changes:
    - onfail: [{test: would fail}]
on fail of good:
  test.succeed_with_changes:
    - onfail: [{test: would not}]
watches change:
  test.succeed_without_changes:
    - watch: [{test: would change}]
prereq of change:
  test.succeed_with_changes:
    - prereq: [{test: would change too}]
would change too: test.succeed_with_changes
listens:
  test.nop:
    - listen: [{test: would change}]
