/tmp/x:
  file.symlink: []
/tmp/y:
  file.managed:
    - makedirs: maybe
    - mode: yes
    - user: 12:30
/tmp/z:
  file.replace:
    - pattern: x
    - repl: y
    - count: many
