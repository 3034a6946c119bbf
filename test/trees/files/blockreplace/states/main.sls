inside:
  file.blockreplace:
    - name: '@SANDBOX@/a'
    - marker_start: '# start'
    - marker_end: '# end'
    - content: |
        one
        two
    - backup: False
again:
  file.blockreplace:
    - name: '@SANDBOX@/a'
    - marker_start: '# start'
    - marker_end: '# end'
    - content: "one\ntwo"
    - backup: False
missing markers:
  file.blockreplace:
    - name: '@SANDBOX@/b'
    - marker_start: '# start'
    - marker_end: '# end'
    - content: x
    - backup: False
appended:
  file.blockreplace:
    - name: '@SANDBOX@/b'
    - marker_start: '# start'
    - marker_end: '# end'
    - content: x
    - append_if_not_found: True
    - backup: False
prepended:
  file.blockreplace:
    - name: '@SANDBOX@/b'
    - marker_start: '# head begin'
    - marker_end: '# head end'
    - content: y
    - prepend_if_not_found: True
    - backup: False
file not there:
  file.blockreplace:
    - name: '@SANDBOX@/gone'
    - marker_start: a
    - marker_end: b
    - content: x
