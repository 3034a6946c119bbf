fails:
  cmd.run:
    - name: 'exit 3'
other codes succeed:
  cmd.run:
    - name: 'exit 3'
    - success_retcodes: [3]
environment as a list:
  cmd.run:
    - name: 'echo "$A-$B" >> @SANDBOX@/log'
    - env:
      - A: one
      - B: '2'
environment as a mapping:
  cmd.run:
    - name: 'echo "$A" >> @SANDBOX@/log'
    - env: {A: mapped}
names:
  cmd.run:
    - names:
      - echo n1 >> @SANDBOX@/log
      - echo n2 >> @SANDBOX@/log:
        - unless: 'true'
working folder:
  cmd.run:
    - name: 'pwd >> @SANDBOX@/log'
    - cwd: '@SANDBOX@/sub'
umask:
  cmd.run:
    - name: 'touch @SANDBOX@/private'
    - umask: '077'
stateful changed:
  cmd.run:
    - name: 'echo; echo "changed=yes comment=done"'
    - stateful: True
stateful unchanged:
  cmd.run:
    - name: 'echo; echo "changed=no"'
    - stateful: True
stateful json:
  cmd.run:
    - name: 'echo ''{"changed": true, "comment": "x"}'''
    - stateful: True
reacts to stateful:
  test.nop:
    - onchanges: [{cmd: stateful unchanged}]
several lines:
  cmd.run:
    - name: |
        echo first >> @SANDBOX@/log
        echo second >> @SANDBOX@/log
hidden output:
  cmd.run:
    - name: echo secret
    - hide_output: True
wait alone:
  cmd.wait:
    - name: 'echo never >> @SANDBOX@/log'
reacts to a failed one:
  test.nop:
    - onchanges: [{cmd: fails}]
on fail of it:
  cmd.run:
    - name: 'echo handled >> @SANDBOX@/log'
    - onfail: [{cmd: fails}]
