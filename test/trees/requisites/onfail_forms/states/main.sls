good: test.succeed_without_changes
bad: test.fail_without_changes
one of two:
  test.succeed_with_changes:
    - onfail: [{test: good}, {test: bad}]
any of two:
  test.succeed_with_changes:
    - onfail_any: [{test: good}, {test: bad}]
all of two:
  test.succeed_with_changes:
    - onfail_all: [{test: good}, {test: bad}]
all bad:
  test.succeed_with_changes:
    - onfail_all: [{test: bad}, {test: all bad too}]
all bad too:
  test.fail_without_changes: [{order: 1}]
none:
  test.succeed_with_changes:
    - onfail: [{test: good}]
pushed: test.succeed_with_changes
pushing:
  test.fail_without_changes:
    - onfail_in: [{test: pushed}]
after skipped:
  test.succeed_with_changes:
    - require: [{test: none}]
on changes of skipped:
  test.succeed_with_changes:
    - onchanges: [{test: none}]
on fail of a blocked one:
  test.succeed_with_changes:
    - onfail: [{test: blocked}]
blocked:
  test.nop:
    - require: [{test: bad}]
