extend:
  sshd-config:
    file:
      - mode: '0600'
      - require:
        - test: role-db
include:
  - sshd
role-db:
  test.nop: []
