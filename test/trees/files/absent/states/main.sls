there:
  file.absent:
    - name: '@SANDBOX@/file'
folder:
  file.absent:
    - name: '@SANDBOX@/folder'
link:
  file.absent:
    - name: '@SANDBOX@/link'
gone:
  file.absent:
    - name: '@SANDBOX@/gone'
relative:
  file.absent:
    - name: not/absolute
