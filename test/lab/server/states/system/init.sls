{% set site = pillar.site %}

{{ site.hostname }}:
  network.hostname: []

127.0.1.1:
  host.only:
    - hostnames:
      - {{ site.hostname }}.{{ site.domain }}
      - {{ site.hostname }}

{% for name, ip in site.neighbours | dictsort %}
{{ name }}.{{ site.domain }}:
  host.present:
    - ip: {{ ip }}
    - aliases: {{ name }}
    - clean: true
{% endfor %}

old.{{ site.domain }}:
  host.absent:
    - ip: 192.0.2.9

{{ site.timezone }}:
  timezone.system

american English:
  locale.present:
    - name: en_US.UTF-8
    - require:
      - pkg: tools

language of the system:
  locale.system:
    - name: en_US.UTF-8
    - require:
      - locale: american English

net.ipv4.tcp_keepalive_time:
  sysctl.present:
    - value: 600
    - config: /etc/sysctl.d/60-site.conf

net.ipv4.tcp_fin_timeout:
  sysctl.absent:
    - config: /etc/sysctl.d/60-site.conf

open files of developers:
  limits.present:
    - domain: '@developers'
    - item: nofile
    - value: 65536
    - conf_file: /etc/security/limits.d/site.conf

no cores of mallory:
  limits.absent:
    - domain: mallory
    - type: hard
    - item: core
    - conf_file: /etc/security/limits.d/site.conf

keep old logs:
  logrotate.set:
    - key: rotate
    - value: 8
    - require:
      - pkg: tools

pcspkr:
  kmod.absent:
    - persist: true
    - require:
      - pkg: tools

/var/cache/site:
  mount.mounted:
    - device: tmpfs
    - fstype: tmpfs
    - opts: size=8M,mode=0755,nosuid,nodev
    - mkmnt: true

/mnt/old:
  mount.unmounted:
    - persist: true

archive of the office:
  mount.fstab_present:
    - name: nas.example.org:/export/archive
    - fs_file: /srv/archive
    - fs_vfstype: nfs
    - fs_mntops: noauto,_netdev

archive of the former office:
  mount.fstab_absent:
    - name: nas.example.com:/export/archive
    - fs_file: /srv/former

tail as pager:
  alternatives.install:
    - name: pager
    - link: /usr/bin/pager
    - path: /usr/bin/tail
    - priority: 90

cat as pager:
  alternatives.install:
    - name: pager
    - link: /usr/bin/pager
    - path: /bin/cat
    - priority: 10

choice of the pager:
  alternatives.set:
    - name: pager
    - path: /bin/cat
    - require:
      - alternatives: tail as pager
      - alternatives: cat as pager
