touch new:
  file.touch:
    - name: '@SANDBOX@/new'
touch old:
  file.touch:
    - name: '@SANDBOX@/a'
touch deep:
  file.touch:
    - name: '@SANDBOX@/p/q'
    - makedirs: True
touch without folder:
  file.touch:
    - name: '@SANDBOX@/no/q'
exists:
  file.exists:
    - name: '@SANDBOX@/a'
exists not:
  file.exists:
    - name: '@SANDBOX@/gone'
missing:
  file.missing:
    - name: '@SANDBOX@/gone'
missing not:
  file.missing:
    - name: '@SANDBOX@/a'
