/etc/app:
  file.directory:
    mode: '0750'
/etc/app/app.conf:
  file.managed:
    contents: |
      port = 80
      host = node1
    mode: '0640'
    require: [file: /etc/app]
/etc/app/old.conf:
  file.absent: []
announce:
  test.show_notification:
    text: hello
reload:
  test.succeed_with_changes:
    onchanges: [file: /etc/app/app.conf]
bad:
  test.fail_without_changes: []
after:
  test.nop:
    require: [test: bad]
