run:
  cmd.run:
    - name: 'echo run >> @SANDBOX@/log'
wait:
  cmd.wait:
    - name: 'echo wait >> @SANDBOX@/log'
wait watching:
  cmd.wait:
    - name: 'echo wait >> @SANDBOX@/log'
    - watch: [{cmd: run}]
guarded:
  cmd.run:
    - name: 'echo guarded >> @SANDBOX@/log'
    - unless: 'true'
stateful:
  cmd.run:
    - name: 'echo; echo changed=no'
    - stateful: True
