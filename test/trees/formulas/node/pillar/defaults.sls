motd:
  text: |
    Welcome.

      Indented {{ grains['id'] }}
    End.
ntp: {servers: [a.example.org, b.example.org]}
sysctl:
  net.ipv4.ip_forward: 1
  vm.swappiness: 10
