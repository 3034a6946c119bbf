values:
  file.keyvalue:
    - name: '@SANDBOX@/conf'
    - key_values: {Port: '22', User: me}
    - separator: ' '
    - uncomment: '#'
    - append_if_not_found: True
commented:
  file.comment:
    - name: '@SANDBOX@/list'
    - regex: ^b
    - backup: False
uncommented:
  file.uncomment:
    - name: '@SANDBOX@/list'
    - regex: ^a
    - backup: False
other char:
  file.comment:
    - name: '@SANDBOX@/list'
    - regex: ^c
    - char: ';'
    - backup: False
no match:
  file.comment:
    - name: '@SANDBOX@/list'
    - regex: ^zzz
    - backup: False
no match ignored:
  file.comment:
    - name: '@SANDBOX@/list'
    - regex: ^zzz
    - ignore_missing: True
    - backup: False
uncommented already:
  file.uncomment:
    - name: '@SANDBOX@/list'
    - regex: ^a
    - backup: False
no file:
  file.uncomment:
    - name: '@SANDBOX@/gone'
    - regex: ^a
