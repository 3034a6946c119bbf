{% set roles = salt['grains.get']('roles', []) %}
base:
  '*':
    - users
    - sshd
    - base
  'roles:lb':
    - match: grain
    - haproxy
  'P@os_family:(Debian|RedHat) and not G@virtual:container':
    - match: compound
    - sysctl
  'role:web':
    - match: pillar
    - logrotate
  'I@ntp:servers:* or ntp*':
    - ntp
  '^(node|web)\d+$':
    - match: pcre
    - cron
{%- for role in pillar.get('roles', []) %}
  'I@roles:{{ role }}':
    - match: compound
    - roles.{{ role }}
{%- endfor %}
