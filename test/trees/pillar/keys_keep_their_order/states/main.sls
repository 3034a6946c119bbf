check:
  test.nop:
    - keys: {{ pillar['dict'].keys() | list | join(' ') }}
    - numbers: "{{ pillar['numbers'].items() | list }}"
