will change:
  test.succeed_with_changes: []
will not change:
  test.succeed_without_changes: []
before change:
  test.succeed_with_changes:
    - prereq: [{test: will change}]
before nothing:
  test.succeed_with_changes:
    - prereq: [{test: will not change}]
before both:
  test.succeed_with_changes:
    - prereq: [{test: will not change}, {test: will change}]
pushed: test.succeed_with_changes
pushing:
  test.succeed_with_changes:
    - prereq_in: [{test: pushed}]
