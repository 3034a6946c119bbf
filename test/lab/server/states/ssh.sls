{% from 'map.jinja' import family with context %}

/etc/ssh/sshd_config:
  file.keyvalue:
    - key_values:
        PermitRootLogin: prohibit-password
        PasswordAuthentication: 'no'
        X11Forwarding: 'no'
    - separator: ' '
    - uncomment: '#'
    - append_if_not_found: true
    - require:
      - pkg: tools

sshd:
  service.running:
    - name: {{ family.sshd }}
    - enable: true
    - reload: true
    - watch:
      - file: /etc/ssh/sshd_config

port of sshd:
  tcp.reachable:
    - name: 127.0.0.1:22
    - timeout: 10
    - require:
      - service: sshd
