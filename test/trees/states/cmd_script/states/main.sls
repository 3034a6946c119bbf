tree:
  cmd.script:
    - source: salt://script.sh
    - args: one 'two three'
name is the source:
  cmd.script:
    - name: salt://script.sh
template:
  cmd.script:
    - source: salt://template.sh
    - template: jinja
    - context: {word: rendered}
    - cwd: '@SANDBOX@'
fails:
  cmd.script:
    - source: salt://fail.sh
not there:
  cmd.script:
    - source: salt://gone.sh
skipped:
  cmd.script:
    - source: salt://script.sh
    - unless: 'true'
