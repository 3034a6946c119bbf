# -*- coding: utf-8 -*-
# vim: ft=sls

{#- Get the `tplroot` from `tpldir` #}
{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ "/map.jinja" import nginx with context %}

nginx-package-install-pkg-installed:
  pkg.installed:
    - name: {{ nginx.pkg.name }}
    {%- if nginx.pkg.version %}
    - version: {{ nginx.pkg.version }}
    {%- endif %}
