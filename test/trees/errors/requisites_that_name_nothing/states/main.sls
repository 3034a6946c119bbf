a:
  test.nop:
    - require: [{test: bb}]
    - watch: [{cmd: b}]
    - onchanges: [{sls: mian}]
    - require_in: [{test: gone}]
    - listen: [{test: nowhere}]
b: test.nop
