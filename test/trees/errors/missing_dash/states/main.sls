a:
  file.managed:
    - name: /tmp/x
     mode: '0600'
