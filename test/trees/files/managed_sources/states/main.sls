plain:
  file.managed:
    - name: '@SANDBOX@/plain'
    - source: salt://files/plain.txt
template:
  file.managed:
    - name: '@SANDBOX@/template'
    - source: salt://files/conf.j2
    - template: jinja
    - defaults: {port: 80, host: default}
    - context: {host: mine}
    - mode: '0640'
first that is there:
  file.managed:
    - name: '@SANDBOX@/first'
    - source:
      - salt://files/{{ grains['id'] }}.txt
      - salt://files/plain.txt
none there:
  file.managed:
    - name: '@SANDBOX@/none'
    - source: salt://files/gone.txt
kept mode:
  file.managed:
    - name: '@SANDBOX@/kept'
    - source: salt://files/plain.txt
    - mode: keep
contents template:
  file.managed:
    - name: '@SANDBOX@/contents'
    - contents: |
        {% raw %}{{ grains['id'] }} of {{ sls }}{% endraw %}
    - template: jinja
folders:
  file.managed:
    - name: '@SANDBOX@/p/q/file'
    - source: salt://files/plain.txt
    - makedirs: True
    - dir_mode: '0750'
    - mode: '0600'
over a folder:
  file.managed:
    - name: '@SANDBOX@/folder'
    - contents: x
through a link:
  file.managed:
    - name: '@SANDBOX@/link'
    - contents: through
