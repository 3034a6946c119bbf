site:
  domain: example.org
  hostname: web1
  timezone: Europe/Berlin
  # A new number here is a new version of every file that shows it.
  generation: 1
  mail: ops@example.org
  neighbours:
    db: 10.77.0.71
    cache: 10.77.0.72
shop:
  port: 8080
  revision: v1
