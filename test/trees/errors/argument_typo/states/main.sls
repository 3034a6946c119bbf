/etc/haproxy/haproxy.cfg:
  file.managed:
    - sorce: salt://haproxy.cfg
    - mode: '0644'
