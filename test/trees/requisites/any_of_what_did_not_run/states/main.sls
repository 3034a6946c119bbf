bad: test.fail_without_changes
still: test.succeed_without_changes
by condition:
  test.nop:
    - unless: 'true'
by onchanges:
  test.nop:
    - onchanges: [{test: still}]
by onfail:
  test.nop:
    - onfail: [{test: still}]
by prereq:
  test.nop:
    - prereq: [{test: still}]
needs one beside a condition:
  test.nop:
    - require_any: [{test: bad}, {test: by condition}]
needs one beside onchanges:
  test.nop:
    - require_any: [{test: bad}, {test: by onchanges}]
needs one beside onfail:
  test.nop:
    - require_any: [{test: bad}, {test: by onfail}]
needs one beside prereq:
  test.nop:
    - require_any: [{test: bad}, {test: by prereq}]
needs none that ran:
  test.nop:
    - require_any: [{test: by onchanges}, {test: by onfail}]
