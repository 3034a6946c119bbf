{% set ntp = pillar.get('ntp') %}
ntp-conf:
  file.managed:
    - name: /etc/ntp.conf
    - makedirs: true
    - contents: |
        {%- for server in ntp.servers %}
        server {{ server }} iburst{{ ' prefer' if loop.first }}
        {%- endfor %}
        restrict {{ '%-15s' | format('default') }} kod
        driftfile {{ salt['grains.filter_by']({'Debian': '/var/lib/ntp/ntp.drift', 'default': '/var/lib/ntp/drift'}) }}
