needs:
  test.nop:
    - require: [{test: bad}]
bad:
  test.fail_without_changes:
    - failhard: True
after: test.nop
