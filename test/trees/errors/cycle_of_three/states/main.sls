a:
  test.nop:
    - require: [{test: b}]
b:
  test.nop:
    - require_in: [{test: a}]
    - require: [{test: c}]
c:
  test.nop:
    - require: [{test: a}]
self:
  test.nop:
    - require: [{test: self}]
