watcher:
  test.nop: [{watch: [{test: w}]}]
reactor:
  test.nop: [{onchanges: [{test: o}]}]
rescuer:
  test.nop: [{onfail: [{test: f}]}]
any:
  test.nop: [{require_any: [{test: y}, {test: z}]}]
z: test.nop
y: test.nop
f: test.nop
o: test.nop
w: test.nop
