one there:
  test.succeed_with_changes:
    - creates: '@SANDBOX@/a'
one gone:
  test.succeed_with_changes:
    - creates: '@SANDBOX@/gone'
all there:
  test.succeed_with_changes:
    - creates: ['@SANDBOX@/a', '@SANDBOX@/b']
one of two:
  test.succeed_with_changes:
    - creates: ['@SANDBOX@/a', '@SANDBOX@/gone']
with onlyif:
  test.succeed_with_changes:
    - onlyif: 'false'
    - creates: '@SANDBOX@/gone'
