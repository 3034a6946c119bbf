backup:
  cmd.run:
    - name: 'cp @SANDBOX@/conf @SANDBOX@/conf.before'
    - prereq: [{file: '@SANDBOX@/conf'}]
@SANDBOX@/conf:
  file.managed:
    - contents: new
stop:
  cmd.run:
    - name: 'echo never >> @SANDBOX@/log'
    - prereq: [{file: same}]
same:
  file.managed:
    - name: '@SANDBOX@/same'
    - contents: same
