source: test.succeed_with_changes
broken: test.fail_with_changes
@SANDBOX@/a:
  file.managed:
    - contents: a
    - watch:
      - test: source
@SANDBOX@/b:
  file.managed:
    - contents: b
    - watch:
      - test: broken
any:
  file.touch:
    - name: @SANDBOX@/c
    - watch_any:
      - test: broken
      - test: source
