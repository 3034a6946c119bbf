{% from 'map.jinja' import family with context %}

{% for name, gid in pillar.accounts.groups | dictsort %}
{{ name }}:
  group.present:
    - gid: {{ gid }}
{% endfor %}

{% for name, user in pillar.accounts.users | dictsort %}
{{ name }}:
  user.present:
    - uid: {{ user.uid }}
    - fullname: {{ user.fullname }}
    - shell: /bin/bash
    - password: {{ pillar.accounts.password }}
    - groups: {{ user.groups | json }}
    - remove_groups: false
    - require:
      - group: developers
      - group: operators

key of {{ name }}:
  ssh_auth.present:
    - name: {{ user.key }}
    - enc: ssh-ed25519
    - comment: {{ name }}@laptop
    - user: {{ name }}
    - require:
      - user: {{ name }}
{% endfor %}

admins:
  group.present:
    - name: {{ family.admins }}
    - system: true
    - addusers: [alice]
    - require:
      - user: alice
      - pkg: tools

backup:
  user.present:
    - name: backupd
    - system: true
    - uid: 851
    - home: /var/lib/backupd
    - shell: /usr/sbin/nologin

keys of backupd:
  ssh_auth.manage:
    - user: backupd
    - ssh_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbnUSuh6SYDbBaoTQA2MRXrKRr7IFtoDnCRxYgqWuIf alice@laptop
    - require:
      - user: backup

key of the old laptop:
  ssh_auth.absent:
    - name: AAAAC3NzaC1lZDI1NTE5AAAAIJKZ0hZqT0zYdTq1Zg3rBl8P7vVfQm6qk9u8m3Yw2oXo
    - user: root

forge:
  ssh_known_hosts.present:
    - name: git.example.org
    - user: root
    - enc: ssh-ed25519
    - key: AAAAC3NzaC1lZDI1NTE5AAAAIN8dC7gvlXpVl9zdIQAiXvYh3yhtGiYkbzVhYv0hNl2p
    - hash_known_hosts: false

former forge:
  ssh_known_hosts.absent:
    - name: old.example.org
    - user: root

mallory:
  user.absent:
    - purge: true

contractors:
  group.absent:
    - require:
      - user: mallory

/etc/sudoers.d/operators:
  file.managed:
    - contents: '%operators ALL=(root) NOPASSWD: /usr/bin/systemctl reload *'
    - mode: '0440'
    - check_cmd: visudo -c -f
    - require:
      - pkg: tools
