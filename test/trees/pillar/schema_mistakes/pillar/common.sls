web:
  port: '80'
  mode: quick
  sats: true
  hosts: [one, Two]
