a:
  file.manged:
    - name: /a
b:
  test.nop:
    - require:
      - test: c
c:
  file.symlink:
    - name: /c
    - taget: /d
d:
  file.managed:
    - name: /d
    - contents: yes
    - makedirs: 'true'
