onlyif all true:
  test.succeed_with_changes:
    - onlyif: ['true', 'true']
onlyif one false:
  test.succeed_with_changes:
    - onlyif: ['true', 'false']
unless one false:
  test.succeed_with_changes:
    - unless: ['true', 'false']
unless all true:
  test.succeed_with_changes:
    - unless: ['true', 'true']
both let it run:
  test.succeed_with_changes:
    - onlyif: 'true'
    - unless: 'false'
both skip it:
  test.succeed_with_changes:
    - onlyif: 'false'
    - unless: 'true'
yaml booleans do not count:
  test.succeed_with_changes:
    - onlyif: false
    - unless: [true]
skipped counts as success:
  test.succeed_with_changes:
    - require: [{test: onlyif one false}]
skipped did not change:
  test.succeed_with_changes:
    - onchanges: [{test: onlyif one false}]
