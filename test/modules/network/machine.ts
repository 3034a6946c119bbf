/** A machine as `ip` of Debian 12 shows it, shortened to what counts. */
export const showLinks = 'ip -j -d addr show';
export const showRoutes = 'ip -j -d route show table all';

const ether = { mtu: 1500, link_type: 'ether', operstate: 'UP' };
const inet = (local: string, prefixlen: number, more = {}) => ({
  family: local.includes(':') ? 'inet6' : 'inet',
  local,
  prefixlen,
  scope: 'global',
  ...more,
});

export const links = [
  {
    ifname: 'lo',
    flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
    mtu: 65_536,
    link_type: 'loopback',
    address: '00:00:00:00:00:00',
    addr_info: [inet('127.0.0.1', 8, { scope: 'host' }), inet('::1', 128, { scope: 'host' })],
  },
  {
    ifname: 'eth0',
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    ...ether,
    address: '06:00:00:00:00:10',
    addr_info: [inet('192.0.2.10', 24, { dynamic: true }), inet('fe80::10', 64, { scope: 'link' })],
  },
  {
    ifname: 'eth1',
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    ...ether,
    address: '06:00:00:00:00:11',
    addr_info: [inet('10.77.0.10', 24), inet('10.77.0.99', 24), inet('2001:db8::10', 64)],
  },
  {
    ifname: 'br0',
    flags: ['BROADCAST', 'MULTICAST'],
    ...ether,
    address: '06:00:00:00:00:12',
    linkinfo: { info_kind: 'bridge', info_data: {} },
    addr_info: [],
  },
  {
    ifname: 'eth1.5',
    link: 'eth1',
    flags: ['BROADCAST', 'MULTICAST', 'UP'],
    ...ether,
    address: '06:00:00:00:00:11',
    linkinfo: { info_kind: 'vlan', info_data: { protocol: '802.1Q', id: 5, flags: ['REORDER_HDR'] } },
    addr_info: [],
  },
];

export const routes = [
  {
    type: 'unicast',
    dst: 'default',
    gateway: '192.0.2.1',
    dev: 'eth0',
    table: 'main',
    protocol: 'dhcp',
    scope: 'global',
    metric: 100,
    flags: [],
  },
  {
    type: 'unicast',
    dst: '10.77.0.0/24',
    dev: 'eth1',
    table: 'main',
    protocol: 'kernel',
    scope: 'link',
    prefsrc: '10.77.0.10',
    flags: [],
  },
  {
    type: 'unicast',
    dst: '10.5.0.0/16',
    gateway: '10.77.0.1',
    dev: 'eth1',
    table: 'main',
    protocol: 'static',
    scope: 'global',
    flags: [],
  },
  {
    type: 'unicast',
    dst: '10.6.0.1',
    gateway: '10.77.0.1',
    dev: 'eth1',
    table: 'main',
    metric: 7,
    flags: [],
  },
  {
    type: 'local',
    dst: '10.77.0.10',
    dev: 'eth1',
    table: 'local',
    protocol: 'kernel',
    scope: 'host',
    flags: [],
  },
  {
    type: 'unicast',
    dst: 'default',
    gateway: 'fd00::1',
    dev: 'eth0',
    table: 'main',
    metric: 1024,
    flags: [],
    pref: 'medium',
  },
];

export const answers = { [showLinks]: JSON.stringify(links), [showRoutes]: JSON.stringify(routes) };

const enabled = (unit: string) => ({
  [`/etc/systemd/system/multi-user.target.wants/${unit}`]: { link: `/lib/systemd/system/${unit}` },
});

export const networkd = {
  ...enabled('systemd-networkd.service'),
  '/usr/lib/systemd/network/80-other.network': '[Match]\nName=host0\n[Network]\nDHCP=yes\n',
};
export const networkManager = enabled('NetworkManager.service');
export const ifupdown = {
  ...enabled('networking.service'),
  '/usr/sbin/ifup': '',
  '/etc/network/interfaces':
    'auto lo\niface lo inet loopback\n\nsource /etc/network/interfaces.d/*\n\nauto eth1\niface eth1 inet static\n  address 10.77.0.10\n  netmask 255.255.255.0\n',
};

/** An ssh session with 10.77.0.99. */
export const session =
  '  sl  local_address rem_address   st\n   0: 63004D0A:0016 01004D0A:C350 01 00000000:00000000\n';
