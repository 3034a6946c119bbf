moved and failed: test.fail_with_changes
ear:
  cmd.wait:
    - name: 'echo heard >> @SANDBOX@/log'
    - listen: [{test: moved and failed}]
