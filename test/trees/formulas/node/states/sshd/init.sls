{%- set sshd = salt['pillar.get']('sshd', {'port': 22, 'options': {'UsePAM': 'yes'}}, merge=True) %}
{%- load_yaml as usual %}
PermitRootLogin: prohibit-password
X11Forwarding: 'no'
ListenAddress:
  - 0.0.0.0
  - '::'
{%- endload %}
{%- do salt.log.debug('sshd options: ' ~ sshd.options | json) %}
{%- set options = salt['slsutil.merge'](usual, sshd.options) %}
sshd-config:
  file.managed:
    - name: /etc/ssh/sshd_config
    - source: salt://sshd/sshd_config.j2
    - template: jinja
    - makedirs: True
    - context:
        port: {{ sshd.port }}
        options: {{ options | yaml }}
    - defaults:
        banner: {{ None }}
