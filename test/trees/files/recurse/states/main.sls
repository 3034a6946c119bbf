all:
  file.recurse:
    - name: '@SANDBOX@/all'
    - source: salt://tree
    - file_mode: '0640'
    - dir_mode: '0750'
again:
  file.recurse:
    - name: '@SANDBOX@/all'
    - source: salt://tree
    - file_mode: '0640'
    - dir_mode: '0750'
cleaned:
  file.recurse:
    - name: '@SANDBOX@/clean'
    - source: salt://tree
    - clean: True
some:
  file.recurse:
    - name: '@SANDBOX@/some'
    - source: salt://tree
    - include_pat: '*.txt'
    - exclude_pat: 'E@^sub'
template:
  file.recurse:
    - name: '@SANDBOX@/template'
    - source: salt://tree
    - template: jinja
    - context: {who: me}
    - include_empty: True
gone:
  file.recurse:
    - name: '@SANDBOX@/gone'
    - source: salt://no/tree
