{%- set tplroot = tpldir.split('/')[0] %}
{%- set sls_package_install = tplroot ~ '.package.install' %}
{%- from tplroot ~ "/map.jinja" import nginx with context %}
{%- from tplroot ~ "/libtofs.jinja" import files_switch with context %}

include:
  - {{ sls_package_install }}

nginx-config-file-file-managed:
  file.managed:
    - name: {{ nginx.dir.conf }}/nginx.conf
    - source: {{ files_switch(['nginx.conf.jinja', 'nginx.conf'],
                              lookup='nginx-config-file-file-managed'
                 )
              }}
    - mode: '0644'
    - user: root
    - group: {{ nginx.rootgroup }}
    - makedirs: True
    - template: jinja
    - require:
      - sls: {{ sls_package_install }}
    - context:
        nginx: {{ nginx | json }}

nginx-config-dirs:
  file.directory:
    - user: root
    - group: {{ nginx.rootgroup }}
    - mode: 755
    - makedirs: true
    - names:
      - {{ nginx.dir.sites }}
      - {{ nginx.dir.log }}:
        - mode: 750
    - require:
      - sls: {{ sls_package_install }}
