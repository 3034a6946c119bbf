base:
  '*':
    - packages
    - accounts
    - ssh
    - system
    - network
    - jobs
    - site
    - shop
  # Match by grain.
  'os_family:RedHat':
    - match: grain
    - redhat
  'os_family:Debian':
    - match: grain
    - debian
