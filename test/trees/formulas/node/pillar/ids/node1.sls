sshd:
  port: 2200
  options:
    PermitRootLogin: 'no'
    AllowUsers: {{ salt['pillar.get']('nothing', ['alice']) | json }}
