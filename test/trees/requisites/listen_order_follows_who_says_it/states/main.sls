a:
  test.succeed_with_changes:
    - listen_in: [{test: last}]
ear:
  test.nop:
    - listen: [{test: a}]
twice:
  test.nop:
    - listen: [{test: a}, {test: b}]
last: test.nop
b: test.succeed_with_changes
never:
  test.nop:
    - listen: [{test: last}]
many:
  test.nop:
    - names: [m1, m2]
    - listen: [a]
