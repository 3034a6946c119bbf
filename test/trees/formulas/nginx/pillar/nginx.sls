nginx:
  tofs:
    files_switch: [osfinger, os_family]
  config:
    http:
      include: [/etc/nginx/mime.types]
      server_tokens: 'off'
  sites:
    b.example.org:
      config:
        - listen: [443, ssl]
        - server_name: b.example.org
        - ssl_session_tickets: off
        - add_header: X-Y "{{ grains.id }}"
      opts:
        mode: '0640'
    a.example.org:
      enabled: false
