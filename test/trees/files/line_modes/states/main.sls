ensure after:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: ensure
    - after: ^two
    - content: two and a half
ensure before:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: ensure
    - before: ^two$
    - content: one and a half
ensure between:
  file.line:
    - name: '@SANDBOX@/b'
    - mode: ensure
    - after: ^one
    - before: ^three
    - content: two
ensure again:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: ensure
    - after: ^two
    - content: two and a half
replace:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: replace
    - match: ^three
    - content: THREE
replace no match:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: replace
    - match: ^nine
    - content: NINE
delete:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: delete
    - content: four
delete by match:
  file.line:
    - name: '@SANDBOX@/a'
    - mode: delete
    - match: ^five
insert at start:
  file.line:
    - name: '@SANDBOX@/c'
    - mode: insert
    - location: start
    - content: zero
insert at end:
  file.line:
    - name: '@SANDBOX@/c'
    - mode: insert
    - location: end
    - content: end
indented:
  file.line:
    - name: '@SANDBOX@/d'
    - mode: ensure
    - after: 'key:'
    - content: '  sub: 1'
    - indent: True
created:
  file.line:
    - name: '@SANDBOX@/made'
    - mode: ensure
    - content: x
    - create: True
    - after: y
no file:
  file.line:
    - name: '@SANDBOX@/gone'
    - mode: ensure
    - content: x
    - after: y
