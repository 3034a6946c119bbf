folder:
  file.directory:
    - name: '@SANDBOX@/new'
file:
  file.managed:
    - name: '@SANDBOX@/new/file'
    - contents: one
line:
  file.append:
    - name: '@SANDBOX@/new/file'
    - text: two
link:
  file.symlink:
    - name: '@SANDBOX@/link'
    - target: new/file
exists:
  file.exists:
    - name: '@SANDBOX@/new/file'
gone:
  file.absent:
    - name: '@SANDBOX@/new'
missing:
  file.missing:
    - name: '@SANDBOX@/new'
