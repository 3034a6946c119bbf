{% set shop = pillar.shop %}

shop:
  user.present:
    - system: true
    - uid: 852
    - home: /var/lib/shop
    - shell: /usr/sbin/nologin

commits of root:
  git.config_set:
    - name: user.email
    - value: {{ pillar.site.mail }}
    - global: true
    - user: root
    - require:
      - pkg: tools

no proxy:
  git.config_unset:
    - name: http.proxy
    - global: true
    - user: root
    - require:
      - git: commits of root

code of the shop:
  git.latest:
    - name: file:///srv/git/shop.git
    - rev: {{ shop.revision }}
    - target: /srv/shop
    - require:
      - pkg: tools

branch of the shop:
  git.cloned:
    - name: file:///srv/git/shop.git
    - branch: main
    - target: /srv/shop-main
    - require:
      - pkg: tools

release of the shop:
  git.detached:
    - name: file:///srv/git/shop.git
    - rev: v1
    - target: /srv/shop-release
    - require:
      - pkg: tools

/srv/git/site.git:
  git.present:
    - require:
      - pkg: tools

pictures of the shop:
  archive.extracted:
    - name: /srv/pictures
    - source: /srv/downloads/pictures.tar.gz
    - enforce_toplevel: false
    - require:
      - pkg: tools

/etc/shop.json:
  file.serialize:
    - serializer: json
    - dataset:
        port: {{ shop.port }}
        version: {{ pillar.site.generation }}

shop.service:
  systemd.unit:
    - sections:
        Unit:
          Description: The shop
        Service:
          ExecStart: /usr/local/bin/node /srv/shop/server.js
          User: shop
          Restart: on-failure
        Install:
          WantedBy: multi-user.target
    - running: true
    - enable: true
    - require:
      - user: shop
    - watch:
      - git: code of the shop
      - file: /etc/shop.json

port of the shop:
  tcp.reachable:
    - name: 127.0.0.1:{{ shop.port }}
    - timeout: 20
    - require:
      - systemd: shop.service

the shop is open:
  http.wait_for_successful_query:
    - name: http://127.0.0.1:{{ shop.port }}/
    - match: welcome
    - wait_for: 20
    - require:
      - systemd: shop.service

the shop has a process:
  loop.until_no_eval:
    - name: cmd.run_stdout
    - args: [systemctl is-active shop.service]
    - expected: active
    - timeout: 20
    - require:
      - systemd: shop.service

greeter.conf:
  file.managed:
    - name: /etc/greeter.conf
    - contents: |
        greeting = Hello from {{ pillar.site.hostname }}
        version = {{ pillar.site.generation }}
    - require:
      - pkg: release 1 of greeter

greeter runs:
  service.running:
    - name: greeter
    - enable: true
    - watch:
      - file: greeter.conf

almanac at boot:
  service.enabled:
    - name: almanac
    - require:
      - pkg: newest almanac

no reports any more:
  service.dead:
    - name: old-report

nor at the next boot:
  service.disabled:
    - name: old-report
    - require:
      - service: no reports any more

parked no longer:
  service.unmasked:
    - name: parked

index of the pictures:
  cmd.run:
    - name: ls /srv/pictures > /srv/pictures.index
    - creates: /srv/pictures.index
    - require:
      - archive: pictures of the shop

seen versions:
  cmd.wait:
    - name: cat /etc/greeter.conf >> /var/log/greeter-versions
    - watch:
      - file: greeter.conf

first steps:
  cmd.script:
    - source: salt://shop/first-steps.sh
    - creates: /var/lib/first-steps

values are there:
  test.check_pillar:
    - integer: shop:port

all is said:
  test.nop:
    - require:
      - http: the shop is open
