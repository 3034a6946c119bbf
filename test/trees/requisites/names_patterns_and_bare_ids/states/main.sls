many:
  test.succeed_with_changes:
    - names: [alpha, beta]
list[1]: test.fail_without_changes
both:
  test.nop: []
  cmd.run:
    - name: 'false'
by id of many:
  test.nop:
    - require: [{test: many}]
by one name:
  test.nop:
    - require: [{test: alpha}]
by pattern:
  test.nop:
    - onchanges: [{test: 'al*'}]
bare:
  test.nop:
    - require: [both]
bare pattern:
  test.nop:
    - require: ['b?th']
one module:
  test.nop:
    - require: [{test: both}]
by set:
  test.nop:
    - require: [{test: '[ab]*a'}]
