in cwd:
  cmd.run:
    - name: echo ran >> log
    - cwd: '@SANDBOX@/sub'
    - onlyif: test -e here
with env:
  cmd.run:
    - name: echo env >> log
    - cwd: '@SANDBOX@/sub'
    - env:
      - WORD: yes it is
    - onlyif: '[ "$WORD" = "yes it is" ]'
    - unless: '[ -z "$WORD" ]'
pipes and globs:
  test.succeed_with_changes:
    - onlyif: ls @SANDBOX@/sub/h* | grep -q here
no such folder:
  cmd.run:
    - name: 'true'
    - cwd: '@SANDBOX@/gone'
no such folder for onlyif:
  cmd.run:
    - name: 'true'
    - cwd: '@SANDBOX@/gone'
    - onlyif: 'true'
