plain:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: '^port = .*$'
    - repl: port = 8080
    - backup: False
again:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: '^port = .*$'
    - repl: port = 8080
    - backup: False
groups:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: '(\w+)=(\w+)'
    - repl: '\2=\1'
    - count: 1
    - backup: False
append if not found:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: '^new.*$'
    - repl: new line
    - append_if_not_found: True
    - backup: False
prepend if not found:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: '^top.*$'
    - repl: top line
    - prepend_if_not_found: True
    - backup: False
ignore case:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: 'HOST'
    - repl: node
    - flags: [IGNORECASE]
    - backup: False
several lines:
  file.replace:
    - name: '@SANDBOX@/a'
    - pattern: 'begin.*end'
    - repl: 'middle'
    - flags: [DOTALL, MULTILINE]
    - backup: False
not there:
  file.replace:
    - name: '@SANDBOX@/gone'
    - pattern: a
    - repl: b
not there but ignored:
  file.replace:
    - name: '@SANDBOX@/gone'
    - pattern: a
    - repl: b
    - ignore_if_missing: True
with backup:
  file.replace:
    - name: '@SANDBOX@/b'
    - pattern: x
    - repl: y
