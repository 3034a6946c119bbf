users-formula:
  use_vim_formula: False
users:
  alice:
    fullname: Alice A
    uid: 2001
    groups: [adm, sudo]
    ssh_auth:
      - ssh-ed25519 AAAAC3 alice@x
      - ssh-rsa AAAAB3 alice@y
    sudouser: True
    sudo_rules:
      - ALL=(root) /usr/bin/find
    sudo_defaults: ['!requiretty']
    user_files:
      enabled: true
    home: /home/alice
  bob:
    ssh_auth_file: []
    empty:
  carol: {}
absent_users: [mallory]
