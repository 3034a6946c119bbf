there:
  test.succeed_with_changes:
    - onlyif:
      - fun: file.file_exists
        path: '@SANDBOX@/conf'
not there:
  test.succeed_with_changes:
    - onlyif:
      - fun: file.file_exists
        args: ['@SANDBOX@/gone']
unless there:
  test.succeed_with_changes:
    - unless:
      - fun: file.file_exists
        path: '@SANDBOX@/conf'
both forms:
  test.succeed_with_changes:
    - onlyif:
      - 'true'
      - fun: file.directory_exists
        args: ['@SANDBOX@']
part of an answer:
  test.succeed_with_changes:
    - onlyif:
      - fun: pillar.get
        args: [node]
        get_return: roles:web
other part of an answer:
  test.succeed_with_changes:
    - onlyif:
      - fun: pillar.get
        args: [node]
        get_return: roles:db
