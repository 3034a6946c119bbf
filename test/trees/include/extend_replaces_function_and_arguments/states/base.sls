early: test.nop
base:
  test.nop:
    - text: own
    - other: kept
