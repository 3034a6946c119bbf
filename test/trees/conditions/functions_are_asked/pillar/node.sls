node: {roles: {web: True, db: False}}
