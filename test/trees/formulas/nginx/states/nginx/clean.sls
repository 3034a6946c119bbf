{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ "/map.jinja" import nginx with context %}
nginx-clean:
  file.absent:
    - name: {{ nginx.dir.conf }}
