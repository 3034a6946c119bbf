# vim: sts=2 ts=2 sw=2 et ai
{% from "users/map.jinja" import map as users with context %}
{% set used_sudo = [] %}
sudoers-dir:
  file.directory:
    - name: {{ users.sudoers_dir }}
    - makedirs: True
    - order: 1

{% set used_googleauth = [] %}
{%- set ns = namespace(count=0) %}

{%- for name, user in pillar.get('users', {}).items() if user.absent is not defined or not user.absent %}
{%- if user == None %}
{%- set user = {} %}
{%- endif %}
{%- set current = {} %}
{%- if 'sudoonly' in user and user['sudoonly'] %}
{%- set _dummy=user.update({'sudouser': True}) %}
{%- endif %}
{%- if 'sudouser' in user and user['sudouser'] %}
{%- do used_sudo.append(1) %}
{%- endif %}
{%- set home = user.get('home', current.get('home', "/home/%s" % name)) %}
{%- set user_group = name -%}
{% set ns.count = ns.count + 1 %}

users_{{ name }}_home:
  file.directory:
    - name: {{ home }}
    - makedirs: True
    - mode: {{ user.get('homedir_mode', '0755') }}
    {%- if user.get('createhome', True) %}
    - order: {{ loop.index }}
    {%- endif %}

{%- if 'ssh_auth' in user %}
{%- for auth in user.ssh_auth %}
users_ssh_auth_{{ name }}_{{ loop.index0 }}:
  file.append:
    - name: {{ home }}/.ssh/authorized_keys
    - text: {{ auth | yaml_dquote }}
    - makedirs: True
    - require:
        - file: users_{{ name }}_home
    {%- if not loop.first %}
        - file: users_ssh_auth_{{ name }}_{{ loop.index0 - 1 }}
    {%- endif %}
{%- endfor %}
{%- endif %}

{%- if 'sudouser' in user and user.sudouser %}
users_sudoer-{{ name }}:
  file.managed:
    - replace: False
    - name: {{ users.sudoers_dir }}/{{ name | replace('.', '_') }}
    - mode: '0440'
    - makedirs: True
{%- if 'sudo_rules' in user or 'sudo_defaults' in user %}
users_sudorule-{{ name }}:
  file.managed:
    - name: {{ users.sudoers_dir }}/{{ name }}
    - mode: '0440'
    - contents: |
      {%- for entry in user.get('sudo_defaults', []) %}
        Defaults:{{ name }} {{ entry }}
      {%- endfor %}
      {%- for rule in user.sudo_rules %}
        {{ name }} {{ rule }}
        {%- set success_msg = "'" ~ rule ~ "'" %}
      {%- endfor %}
    - require:
      - file: users_sudoer-{{ name }}
{%- endif %}
{%- else %}
users_sudoer-{{ name }}:
  file.absent:
    - name: {{ users.sudoers_dir }}/{{ name }}
{%- endif %}
{%- endfor %}

{%- for user in pillar.get('absent_users', []) %}
users_absent_{{ user }}:
  file.absent:
    - name: /home/{{ user }}
{%- endfor %}
users-count:
  test.show_notification:
    - text: |
        {{ ns.count }} users, {{ used_sudo | length }} with sudo
