/etc/conf:
  file.managed:
    - source: salt://conf.j2
    - template: jinja
