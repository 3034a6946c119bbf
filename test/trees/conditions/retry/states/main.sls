counts its runs:
  cmd.run:
    - name: 'echo run >> @SANDBOX@/runs; test $(wc -l < @SANDBOX@/runs) = 3'
    - retry: {attempts: 5, interval: 0}
gives up:
  cmd.run:
    - name: 'echo run >> @SANDBOX@/tries; false'
    - retry: {attempts: 3, interval: 0}
until false:
  cmd.run:
    - name: 'echo run >> @SANDBOX@/until; test $(wc -l < @SANDBOX@/until) != 2'
    - retry: {attempts: 4, interval: 0, until: False}
skipped is not retried:
  cmd.run:
    - name: 'echo never >> @SANDBOX@/never'
    - unless: 'true'
    - retry: {attempts: 3, interval: 0}
blocked is not retried:
  cmd.run:
    - name: 'echo never >> @SANDBOX@/never'
    - retry: {attempts: 3, interval: 0}
    - require: [{cmd: gives up}]
