# -*- coding: utf-8 -*-
# vim: ft=yaml
base:
  '*':
    - nginx
  'G@os_family:RedHat and not web*':
    - match: compound
    - nginx.clean
