real:
  file.managed:
    - name: '@SANDBOX@/real'
    - contents: x
only tested:
  file.managed:
    - name: '@SANDBOX@/tested'
    - contents: x
    - test: True
after it:
  file.managed:
    - name: '@SANDBOX@/after'
    - contents: x
    - require: [{file: only tested}]
