moved: test.succeed_with_changes
still: test.succeed_without_changes
bad: test.fail_without_changes
any with failure:
  cmd.wait:
    - name: 'echo any >> @SANDBOX@/log'
    - watch_any: [{test: bad}, {test: moved}]
any without change:
  cmd.wait:
    - name: 'echo still >> @SANDBOX@/log'
    - watch_any: [{test: bad}, {test: still}]
all bad:
  cmd.wait:
    - name: 'echo bad >> @SANDBOX@/log'
    - watch_any: [{test: bad}]
pushes:
  test.succeed_with_changes:
    - watch_in: [{cmd: pushed}]
pushed:
  cmd.wait:
    - name: 'echo pushed >> @SANDBOX@/log'
