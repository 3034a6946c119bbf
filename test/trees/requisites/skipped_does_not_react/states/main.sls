source: test.succeed_with_changes
by onlyif:
  cmd.wait:
    - name: 'echo onlyif >> @SANDBOX@/log'
    - onlyif: 'false'
    - watch: [{test: source}]
by unless:
  cmd.wait:
    - name: 'echo unless >> @SANDBOX@/log'
    - unless: 'true'
    - watch: [{test: source}]
by creates:
  cmd.wait:
    - name: 'echo creates >> @SANDBOX@/log'
    - creates: /etc/passwd
    - watch: [{test: source}]
runs:
  cmd.wait:
    - name: 'echo runs >> @SANDBOX@/log'
    - watch: [{test: source}]
