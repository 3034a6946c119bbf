base:
  '*':
    - defaults
    - users
    - roles.{{ grains['id'].rstrip('0123456789') }}
    - ids.{{ grains['id'] | replace('.', '_') }}
