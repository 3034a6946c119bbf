{% from 'map.jinja' import family with context %}

cron:
  service.running:
    - name: {{ family.cron }}
    - enable: true
    - require:
      - pkg: tools

MAILTO:
  cron.env_present:
    - value: {{ pillar.site.mail }}
    - user: root
    - require:
      - pkg: tools

PATH:
  cron.env_absent:
    - user: root

nightly backup:
  cron.present:
    - name: /usr/local/bin/backup --all
    - identifier: nightly backup
    - minute: random
    - hour: 3
    - require:
      - pkg: tools

old report:
  cron.absent:
    - name: /usr/local/bin/old-report

jobs of former states:
  cron.pruned:
    - user: root
    - require:
      - cron: nightly backup

crontab of backupd:
  cron.file:
    - name: salt://site/crontab
    - user: backupd
    - require:
      - user: backup
      - pkg: tools

tidy.service:
  systemd.unit:
    - sections:
        Unit:
          Description: Tidies /var/tmp/site
        Service:
          Type: oneshot
          ExecStart: /usr/bin/find /var/tmp/site -mtime +7 -delete

tidy.timer:
  systemd.unit:
    - contents: |
        [Unit]
        Description=Tidies every day

        [Timer]
        OnCalendar=daily

        [Install]
        WantedBy=timers.target
    - running: true
    - enable: true
    - require:
      - systemd: tidy.service

report:
  schedule.present:
    - command: /usr/bin/touch /var/tmp/report
    - calendar: Mon..Fri 06:30
    - with: timer
    - persistent: true

converge regularly:
  schedule.present:
    - command: /usr/bin/touch /var/tmp/converged
    - cron: '*/15 * * * *'
    - with: cron
    - require:
      - pkg: tools

former report:
  schedule.absent: []

stray.service:
  systemd.unit_absent
