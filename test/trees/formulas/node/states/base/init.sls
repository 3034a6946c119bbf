{% set text = 'first\nsecond\n  third' %}
/etc/motd:
  file.managed:
    - contents: |
        {{ text | indent(8) }}
        --
        {{ pillar['motd']['text'] | indent(8) }}
    - makedirs: True
/etc/issue:
  file.managed:
    - contents_pillar: motd:text
    - require_in:
      - test: issue-changed
    - makedirs: True
issue-changed:
  test.show_notification:
    - text: changed
many:
  file.managed:
    - makedirs: True
    - contents: {{ ['a: b', '# c', '- d'] | yaml_encode if false else '"x: y"' }}
    - names:
      - /srv/a/one
      - /srv/a/two:
        - contents: two
        - mode: 600
