made:
  file.directory:
    - name: '@SANDBOX@/made'
    - mode: '0750'
with parents:
  file.directory:
    - name: '@SANDBOX@/p/q/r'
    - makedirs: True
    - dir_mode: 700
recursive modes:
  file.directory:
    - name: '@SANDBOX@/tree'
    - dir_mode: '0700'
    - file_mode: '0600'
    - recurse: [mode]
cleaned:
  file.directory:
    - name: '@SANDBOX@/clean'
    - clean: True
    - exclude_pat: '*.keep'
    - require:
      - file: kept file
kept file:
  file.managed:
    - name: '@SANDBOX@/clean/managed'
    - contents: m
over a file:
  file.directory:
    - name: '@SANDBOX@/file'
over a file forced:
  file.directory:
    - name: '@SANDBOX@/file2'
    - force: True
right already:
  file.directory:
    - name: '@SANDBOX@/tree'
depth of one:
  file.directory:
    - name: '@SANDBOX@/deep'
    - dir_mode: '0711'
    - max_depth: 1
    - recurse: [mode]
