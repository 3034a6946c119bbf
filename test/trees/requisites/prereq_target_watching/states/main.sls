source: test.succeed_with_changes
reload:
  cmd.wait:
    - name: 'echo reload >> @SANDBOX@/log'
    - watch: [{test: source}]
drain:
  cmd.run:
    - name: 'echo drain >> @SANDBOX@/log'
    - prereq: [{cmd: reload}]
