@SANDBOX@/out:
  file.managed:
    - contents: '{{ pillar | json }}'
