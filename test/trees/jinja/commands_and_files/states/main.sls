{% set out = salt['cmd.run']('echo "a  b" | cat') %}
@SANDBOX@/out:
  file.managed:
    - contents:
      - "run {{ salt['cmd.run']('echo one') }}"
      - "shell {{ salt['cmd.shell']('echo one | tr o O') }}"
      - 'no shell {{ out }}'
      - "retcode {{ salt['cmd.retcode']('false') }}"
      - "exists {{ salt['file.file_exists']('/etc/passwd') }} {{ salt['file.directory_exists']('/nowhere') }}"
      - "has {{ 'root' in salt['file.read']('/etc/passwd') }}"
