new:
  file.symlink:
    - name: '@SANDBOX@/new'
    - target: a
right already:
  file.symlink:
    - name: '@SANDBOX@/right'
    - target: a
elsewhere:
  file.symlink:
    - name: '@SANDBOX@/elsewhere'
    - target: a
elsewhere forced:
  file.symlink:
    - name: '@SANDBOX@/forced'
    - target: a
    - force: True
over a file:
  file.symlink:
    - name: '@SANDBOX@/file'
    - target: a
over a file forced:
  file.symlink:
    - name: '@SANDBOX@/file2'
    - target: a
    - force: True
over a file kept:
  file.symlink:
    - name: '@SANDBOX@/file3'
    - target: a
    - backupname: '@SANDBOX@/file3.old'
no folder:
  file.symlink:
    - name: '@SANDBOX@/x/y'
    - target: a
with folder:
  file.symlink:
    - name: '@SANDBOX@/p/q/y'
    - target: '@SANDBOX@/a'
    - makedirs: True
dangling:
  file.symlink:
    - name: '@SANDBOX@/dangling'
    - target: /nowhere/at/all
