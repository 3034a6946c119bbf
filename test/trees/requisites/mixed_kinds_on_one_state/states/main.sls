moved: test.succeed_with_changes
still: test.succeed_without_changes
bad: test.fail_without_changes
onfail met and onchanges not:
  test.nop:
    - onfail: [{test: bad}]
    - onchanges: [{test: still}]
prereq and failed require:
  test.nop:
    - prereq: [{test: will}]
    - require: [{test: bad}]
will: test.succeed_with_changes
after it:
  test.nop:
    - require: [{test: will}]
watch and failed require:
  test.nop:
    - watch: [{test: moved}]
    - require: [{test: bad}]
watch of failed:
  test.nop:
    - watch: [{test: bad}, {test: moved}]
