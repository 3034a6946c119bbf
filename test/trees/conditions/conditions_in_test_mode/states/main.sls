skipped:
  cmd.run:
    - name: 'touch @SANDBOX@/a'
    - unless: test -e @SANDBOX@/conf
would run:
  cmd.run:
    - name: 'touch @SANDBOX@/b'
    - onlyif: test -e @SANDBOX@/conf
creates:
  cmd.run:
    - name: 'touch @SANDBOX@/c'
    - creates: '@SANDBOX@/conf'
