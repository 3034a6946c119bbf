append:
  file.append:
    - name: '@SANDBOX@/a'
    - text: [last, first]
append again:
  file.append:
    - name: '@SANDBOX@/a'
    - text: last
append to none:
  file.append:
    - name: '@SANDBOX@/new'
    - text: |
        one
        two
append below none:
  file.append:
    - name: '@SANDBOX@/d/e/new'
    - text: x
    - makedirs: True
append without folder:
  file.append:
    - name: '@SANDBOX@/gone/new'
    - text: x
prepend:
  file.prepend:
    - name: '@SANDBOX@/a'
    - text: [zero, half]
prepend header:
  file.prepend:
    - name: '@SANDBOX@/b'
    - text: [one, two]
    - header: True
no line end:
  file.append:
    - name: '@SANDBOX@/c'
    - text: more
