{% set site = pillar.site %}

/etc/site:
  file.directory:
    - user: root
    - group: operators
    - mode: '0750'
    - require:
      - group: operators

/etc/site/site.conf:
  file.managed:
    - source: salt://site/site.conf.j2
    - template: jinja
    - mode: '0640'
    - group: operators
    - require:
      - file: /etc/site

/etc/site/site.yaml:
  file.serialize:
    - serializer: yaml
    - dataset:
        generation: {{ site.generation }}
        neighbours: {{ site.neighbours | json }}
    - require:
      - file: /etc/site

/etc/site/by-hand.conf:
  file.managed:
    - contents: |
        # Written once, then yours.
        colour = blue
    - replace: false
    - require:
      - file: /etc/site

/etc/site/icon.gif:
  file.decode:
    - encoded_data: R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=
    - require:
      - file: /etc/site

/etc/site/allowed:
  file.managed:
    - source: salt://site/allowed.j2
    - template: jinja
    - require:
      - file: /etc/site

{% for name in site.neighbours %}
{{ name }} is allowed:
  file.accumulated:
    - name: allowed
    - filename: /etc/site/allowed
    - text: {{ name }}.{{ site.domain }}
    - require_in:
      - file: /etc/site/allowed
{% endfor %}

/etc/site/current.conf:
  file.symlink:
    - target: site.conf
    - force: true
    - require:
      - file: /etc/site/site.conf

/etc/site/same.yaml:
  file.hardlink:
    - target: /etc/site/site.yaml
    - force: true
    - require:
      - file: /etc/site/site.yaml

/etc/site/local.conf:
  file.copy:
    - source: /etc/site/by-hand.conf
    - mode: '0600'
    - require:
      - file: /etc/site/by-hand.conf

/etc/site/former.conf:
  file.absent: []

/etc/site/moved.conf:
  file.rename:
    - source: /etc/site/to-be-moved.conf
    - require:
      - file: /etc/site

/etc/nologin:
  file.missing: []

/etc/os-release:
  file.exists: []

/srv/www:
  file.recurse:
    - source: salt://site/www
    - clean: true
    - template: jinja
    - dir_mode: '0755'
    - file_mode: '0644'

/run/site:
  file.directory:
    - mode: '0755'

/run/site/pipe:
  file.mknod:
    - ntype: p
    - mode: '0660'
    - require:
      - file: /run/site

welcome:
  file.prepend:
    - name: /etc/motd
    - header: true
    - text: Welcome to {{ site.hostname }}.

house rules:
  file.append:
    - name: /etc/motd
    - text:
      - Be kind.
      - Log out when you leave.
    - require:
      - file: welcome

notice:
  file.blockreplace:
    - name: /etc/motd
    - marker_start: '-- notice --'
    - marker_end: '-- end of notice --'
    - content: Version {{ site.generation }} of this server.
    - append_if_not_found: true
    - require:
      - file: house rules

# A file that somebody else wrote, edited in place.
workers:
  file.replace:
    - name: /etc/legacy.conf
    - pattern: '^workers = \d+$'
    - repl: workers = 16

listen:
  file.line:
    - name: /etc/legacy.conf
    - mode: ensure
    - content: listen = ::1
    - after: ^\[server\]
    - require:
      - file: workers

no debugging:
  file.comment:
    - name: /etc/legacy.conf
    - regex: ^debug = yes
    - backup: false
    - require:
      - file: listen

caching:
  file.uncomment:
    - name: /etc/legacy.conf
    - regex: cache = on
    - backup: false
    - require:
      - file: no debugging

colours:
  file.patch:
    - name: /etc/legacy.colours
    - source: salt://site/colours.patch

old dumps:
  file.tidied:
    - name: /var/lib/legacy
    - matches:
      - '.*\.dump$'
