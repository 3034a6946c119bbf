moved: test.succeed_with_changes
still: test.succeed_without_changes
bad: test.fail_without_changes
bad and moved: test.fail_with_changes
all of two:
  test.nop:
    - onchanges: [{test: moved}, {test: still}]
with failed:
  test.nop:
    - onchanges: [{test: moved}, {test: bad}]
any with failed:
  test.nop:
    - onchanges_any: [{test: moved}, {test: bad}]
any still with failed:
  test.nop:
    - onchanges_any: [{test: still}, {test: bad}]
of failed that moved:
  test.nop:
    - onchanges: [{test: bad and moved}]
none:
  test.nop:
    - onchanges: [{test: still}]
chain:
  test.succeed_with_changes:
    - onchanges: [{test: none}]
both kinds:
  test.nop:
    - onchanges: [{test: still}]
    - onchanges_any: [{test: moved}]
onchanges and require of skipped:
  test.nop:
    - onchanges: [{test: moved}]
    - require: [{test: none}]
