base:
  '*':
    - site
    - accounts
