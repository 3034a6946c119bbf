absent:
  file.absent:
    - name: '@SANDBOX@/a'
absent gone:
  file.absent:
    - name: '@SANDBOX@/gone'
append:
  file.append:
    - name: '@SANDBOX@/b'
    - text: more
append again:
  file.append:
    - name: '@SANDBOX@/b'
    - text: b
comment:
  file.comment:
    - name: '@SANDBOX@/b'
    - regex: ^b
    - backup: False
copy:
  file.copy:
    - name: '@SANDBOX@/copied'
    - source: '@SANDBOX@/b'
directory:
  file.directory:
    - name: '@SANDBOX@/made'
directory right:
  file.directory:
    - name: '@SANDBOX@/d'
managed new:
  file.managed:
    - name: '@SANDBOX@/new'
    - contents: x
managed same:
  file.managed:
    - name: '@SANDBOX@/same'
    - contents: same
managed other:
  file.managed:
    - name: '@SANDBOX@/c'
    - contents: other
managed without folder:
  file.managed:
    - name: '@SANDBOX@/no/folder'
    - contents: x
prepend:
  file.prepend:
    - name: '@SANDBOX@/b'
    - text: first
recurse:
  file.recurse:
    - name: '@SANDBOX@/r'
    - source: salt://tree
rename:
  file.rename:
    - name: '@SANDBOX@/renamed'
    - source: '@SANDBOX@/c'
symlink:
  file.symlink:
    - name: '@SANDBOX@/link'
    - target: b
symlink right:
  file.symlink:
    - name: '@SANDBOX@/right'
    - target: b
touch:
  file.touch:
    - name: '@SANDBOX@/touched'
missing:
  file.missing:
    - name: '@SANDBOX@/gone'
