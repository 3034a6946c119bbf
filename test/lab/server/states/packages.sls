{% from 'map.jinja' import family with context %}

site packages:
  pkgrepo.managed:
{% if grains.os_family == 'Debian' %}
    - name: deb [trusted=yes] file:/srv/made ./
    - file: /etc/apt/sources.list.d/site.list
{% else %}
    - name: site
    - humanname: Packages of example.org
    - baseurl: file:///srv/made
    - gpgcheck: 0
{% endif %}

former packages:
  pkgrepo.absent:
{% if grains.os_family == 'Debian' %}
    - name: deb [trusted=yes] file:/srv/former ./
{% else %}
    - name: former
{% endif %}

tools:
  pkg.installed:
    - pkgs: {{ family.tools | json }}

release 1 of greeter:
  pkg.installed:
    - name: greeter
    - version: '1.0*'
    - require:
      - pkgrepo: site packages

greeter stays:
  pkg.held:
    - name: greeter
    - require:
      - pkg: release 1 of greeter

newest almanac:
  pkg.latest:
    - name: almanac
    - cache_valid_time: 3600
    - require:
      - pkgrepo: site packages

no longer kept back:
  pkg.unheld:
    - name: almanac
    - require_in:
      - pkg: newest almanac

no plain text logins:
  pkg.removed:
    - name: telnet-server

nothing of the old agent:
  pkg.purged:
    - name: old-agent
