good: test.succeed_without_changes
bad: test.fail_without_changes
worse: test.fail_with_changes
one good:
  test.nop:
    - require_any: [{test: bad}, {test: good}]
none good:
  test.nop:
    - require_any: [{test: bad}, {test: worse}]
with require failed:
  test.nop:
    - require_any: [{test: bad}, {test: good}]
    - require: [{test: worse}]
