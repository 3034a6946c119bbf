bridge of the apps:
  network.link:
    - name: br-apps
    - kind: bridge
    - mtu: 1400
    - backend: networkd

address of the bridge:
  network.address:
    - name: br-apps
    - addresses: 10.88.0.1/24
    - backend: networkd
    - require:
      - network: bridge of the apps

address for all:
  network.address:
    - name: lo
    - addresses: 203.0.113.50/32
    - backend: networkd

other apps:
  network.route:
    - name: 10.89.0.0/16
    - gateway: 10.88.0.2
    - interface: br-apps
    - backend: networkd
    - require:
      - network: address of the bridge

former address:
  network.address_absent:
    - name: lo
    - addresses: 203.0.113.51/32
    - backend: networkd
