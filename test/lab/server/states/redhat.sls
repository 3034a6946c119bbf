network manager:
  service.masked:
    - name: NetworkManager

/etc/dnf/dnf.conf:
  file.keyvalue:
    - key_values:
        install_weak_deps: 'False'
        max_parallel_downloads: '5'
    - separator: '='
    - append_if_not_found: true
