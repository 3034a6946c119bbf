/etc/conf:
  file.managed:
    - source: salt://cnof.j2
