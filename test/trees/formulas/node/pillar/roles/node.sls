include:
  - roles.common:
      defaults:
        extra: [x]
      key: nested
roles: [web, db]
role: web
