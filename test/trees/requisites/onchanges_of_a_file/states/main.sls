include: [part]
after:
  test.nop:
    - onchanges: [{sls: part}]
