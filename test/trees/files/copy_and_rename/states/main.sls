copy:
  file.copy:
    - name: '@SANDBOX@/copied'
    - source: '@SANDBOX@/a'
copy again:
  file.copy:
    - name: '@SANDBOX@/copied'
    - source: '@SANDBOX@/a'
copy over other:
  file.copy:
    - name: '@SANDBOX@/b'
    - source: '@SANDBOX@/a'
copy over other forced:
  file.copy:
    - name: '@SANDBOX@/c'
    - source: '@SANDBOX@/a'
    - force: True
copy of none:
  file.copy:
    - name: '@SANDBOX@/x'
    - source: '@SANDBOX@/gone'
copy with folder:
  file.copy:
    - name: '@SANDBOX@/p/q/a'
    - source: '@SANDBOX@/a'
    - makedirs: True
    - mode: '0600'
copy without folder:
  file.copy:
    - name: '@SANDBOX@/no/a'
    - source: '@SANDBOX@/a'
copy a folder:
  file.copy:
    - name: '@SANDBOX@/folder2'
    - source: '@SANDBOX@/folder'
rename:
  file.rename:
    - name: '@SANDBOX@/renamed'
    - source: '@SANDBOX@/r'
rename again:
  file.rename:
    - name: '@SANDBOX@/renamed'
    - source: '@SANDBOX@/r'
rename over other:
  file.rename:
    - name: '@SANDBOX@/b'
    - source: '@SANDBOX@/c'
rename over other forced:
  file.rename:
    - name: '@SANDBOX@/b'
    - source: '@SANDBOX@/c'
    - force: True
