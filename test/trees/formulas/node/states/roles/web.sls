role-web-marker:
  file.managed:
    - name: /etc/roles.d/web
    - contents_pillar: motd:text
    - makedirs: True
    - order: last
