include: [part.one, part.two]
by pattern of files:
  test.nop:
    - require: [{sls: 'part.*'}]
by id:
  test.nop:
    - require: [{id: shared}]
    - order: 1
to a whole file:
  test.nop:
    - require_in: [{sls: part.two}]
