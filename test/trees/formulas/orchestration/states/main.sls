{% set d = '@SANDBOX@/out' %}
base-dir:
  file.directory: [{name: {{ d }}, makedirs: true, order: first}]
app-release:
  file.managed:
    - name: {{ d }}/release.tar
    - contents: v1
app-unpack:
  cmd.run:
    - name: echo unpack >> {{ d }}/log
    - onchanges:
      - file: app-release
app-migrate:
  cmd.run:
    - name: echo migrate >> {{ d }}/log
    - unless:
      - grep -q migrate {{ d }}/log
      - test -f {{ d }}/log
    - require:
      - cmd: app-unpack
app-config:
  file.managed:
    - names:
      - {{ d }}/a.conf
      - {{ d }}/b.conf:
        - contents: b
    - contents: a
    - mode: '0640'
    - require_in:
      - cmd: app-restart
    - watch_in:
      - cmd: app-restart
app-restart:
  cmd.wait:
    - name: echo restart >> {{ d }}/log
app-reload:
  cmd.wait:
    - name: echo reload >> {{ d }}/log
    - listen:
      - file: app-config
template-defaults:
  file.managed:
    - name: {{ d }}/base
    - mode: '0600'
    - contents: base
uses:
  file.managed:
    - name: {{ d }}/uses
    - use:
      - file: template-defaults
last:
  cmd.run:
    - name: echo last >> {{ d }}/log
    - order: last
    - unless: grep -q last {{ d }}/log
early:
  cmd.run:
    - name: echo early >> {{ d }}/log
    - order: 1
    - creates: {{ d }}/log
    - require:
      - file: base-dir
cleanup:
  file.absent:
    - name: {{ d }}/stale
    - prereq:
      - file: new-stale
new-stale:
  file.managed:
    - name: {{ d }}/new
    - contents: n
on-failure:
  cmd.run:
    - name: echo rescued >> {{ d }}/log
    - onfail:
      - cmd: might-fail
might-fail:
  cmd.run:
    - name: 'false'
    - success_retcodes: [1]
any:
  cmd.run:
    - name: echo any >> {{ d }}/log
    - onchanges_any: 
      - file: app-release
      - file: template-defaults
stateful:
  cmd.run:
    - name: echo "changed=no comment='nothing'"
    - stateful: true
checked:
  cmd.run:
    - name: 'true'
    - check_cmd: [test -d {{ d }}]
retried:
  cmd.run:
    - name: test -e {{ d }}/second || { touch {{ d }}/second; false; }
    - retry: {attempts: 3, interval: 1}
    - unless: test -e {{ d }}/second
fun-guard:
  cmd.run:
    - name: echo guard >> {{ d }}/log
    - onlyif:
      - fun: file.contains
        args: [{{ d }}/log, never-there]
ident: {cmd.run: [{name: "echo ident >> {{ d }}/log", onlyif: "test ! -e {{ d }}/ident && touch {{ d }}/ident"}]}
