import link from '../../../engine/modules/network/link.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { answers, ifupdown, networkd, networkManager, session } from './machine.ts';

const folder = '/etc/systemd/network';
const bridge = {
  name: 'br1',
  kind: 'bridge',
  mtu: 1400,
  mac: '06:00:00:00:00:AA',
  ports: ['eth1'],
  force: true,
};
const live = ['br1', 'mac of br1', 'mtu of br1', 'bridge of eth1', 'state of br1'];
const vlan = { name: 'eth1.20', kind: 'vlan', parent: 'eth1', id: 20 };

stateTester('network.link', link, [
  {
    title: 'makes a bridge with a port, for systemd-networkd',
    args: bridge,
    host: { files: networkd, answers },
    expects: {
      changes: [
        ...live,
        folder,
        `${folder}/50-converge-br1.netdev`,
        `${folder}/50-converge-br1.network`,
        `${folder}/50-converge-eth1.network`,
        `${folder}/50-converge-eth1.network.d`,
        `${folder}/50-converge-eth1.network.d/converge-bridge.conf`,
      ],
      files: {
        [`${folder}/50-converge-br1.netdev`]:
          '# Made by converge.\n[NetDev]\nName=br1\nKind=bridge\nMTUBytes=1400\nMACAddress=06:00:00:00:00:aa\n',
        [`${folder}/50-converge-eth1.network.d/converge-bridge.conf`]: '[Network]\nBridge=br1\n',
      },
    },
  },
  {
    title: 'makes it for ifupdown',
    args: bridge,
    host: { files: ifupdown, answers },
    expects: {
      changes: [...live, '/etc/network/interfaces.d', '/etc/network/interfaces.d/converge-br1'],
      files: {
        '/etc/network/interfaces.d/converge-br1': `# Made by converge.
auto br1
iface br1 inet manual
    pre-up [ -e /sys/class/net/br1 ] || ip link add name br1 type bridge
    pre-up ip link set dev br1 address 06:00:00:00:00:aa
    pre-up ip link set dev br1 mtu 1400
    up ip link set dev eth1 master br1 up
    up ip link set dev br1 up
    post-down ip link delete dev br1 || true
`,
      },
    },
  },
  {
    title: 'makes it for NetworkManager',
    args: bridge,
    host: {
      files: { ...networkManager, '/etc/NetworkManager/system-connections': { directory: true } },
      answers,
    },
    expects: {
      changes: [
        ...live,
        '/etc/NetworkManager/system-connections/converge-br1.nmconnection',
        '/etc/NetworkManager/system-connections/converge-eth1.nmconnection',
      ],
      files: {
        '/etc/NetworkManager/system-connections/converge-eth1.nmconnection':
          '# Made by converge.\n[connection]\nid=converge-eth1\ntype=ethernet\ninterface-name=eth1\nmaster=br1\nslave-type=bridge\n\n[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=link-local\n',
      },
    },
  },
  {
    title: 'makes a VLAN, of which the interface below has to know',
    args: vlan,
    host: { files: { ...networkd, [`${folder}/10-lan.network`]: '[Match]\nName=eth1\n' }, answers },
    expects: {
      changes: [
        'eth1.20',
        'state of eth1.20',
        `${folder}/50-converge-eth1.20.netdev`,
        `${folder}/50-converge-eth1.20.network`,
        `${folder}/10-lan.network.d`,
        `${folder}/10-lan.network.d/converge-vlan-eth1-20.conf`,
      ],
      files: {
        [`${folder}/50-converge-eth1.20.netdev`]:
          '# Made by converge.\n[NetDev]\nName=eth1.20\nKind=vlan\n\n[VLAN]\nId=20\n',
        [`${folder}/10-lan.network.d/converge-vlan-eth1-20.conf`]: '[Network]\nVLAN=eth1.20\n',
      },
    },
  },
  {
    title: 'knows a VLAN that is there',
    args: { ...vlan, name: 'eth1.5', id: 5, persist: false },
    host: { answers },
    expects: { changes: [] },
  },
  {
    title: 'makes a veth with both ends',
    args: { name: 'v0', kind: 'veth', peer: 'v1', persist: false },
    host: { answers },
    expects: { changes: ['v0', 'state of v0'], files: {} },
  },
  {
    title: 'makes a dummy',
    args: { name: 'd0', kind: 'dummy', persist: false },
    host: { answers },
    expects: { changes: ['d0', 'state of d0'], files: {} },
  },
  {
    title: 'brings up what is there',
    args: { name: 'br0', kind: 'bridge', persist: false },
    host: { answers },
    expects: {
      changes: ['state of br0'],
      files: {},
    },
  },
  {
    title: 'changes a card of the machine',
    args: { name: 'eth1', mtu: 9000, up: true },
    host: { files: networkd, answers },
    expects: {
      changes: [
        'mtu of eth1',
        folder,
        `${folder}/50-converge-eth1.network`,
        `${folder}/50-converge-eth1.network.d`,
        `${folder}/50-converge-eth1.network.d/converge-link.conf`,
      ],
      files: { [`${folder}/50-converge-eth1.network.d/converge-link.conf`]: '[Link]\nMTUBytes=9000\n' },
    },
  },
  {
    title: 'refuses to take down what carries an ssh session',
    args: { name: 'eth1', up: false, persist: false },
    host: { files: { '/proc/net/tcp': session }, answers },
    expects: { refused: /An ssh session/ },
  },
  {
    title: 'refuses to make it part of a bridge',
    args: { ...bridge, force: false, persist: false },
    host: { files: { '/proc/net/tcp': session }, answers },
    expects: { refused: /An ssh session/ },
  },
  {
    title: 'refuses another kind',
    args: { name: 'br0', kind: 'dummy', persist: false },
    host: { answers },
    expects: { refused: 'br0 is there already, but it is no dummy: it is a bridge.' },
  },
  {
    title: 'refuses another number',
    args: { ...vlan, name: 'eth1.5', persist: false },
    host: { answers },
    expects: { refused: 'eth1.5 is VLAN 5 on eth1.' },
  },
  {
    title: 'refuses what is not there',
    args: { name: 'eth9', persist: false },
    host: { answers },
    expects: { refused: 'There is no network interface eth9.' },
  },
  {
    title: 'refuses a VLAN without a number',
    args: { name: 'x', kind: 'vlan', parent: 'eth1' },
    host: { answers },
    expects: { refused: 'A VLAN needs `parent` and `id`.' },
  },
  {
    title: 'refuses a wrong hardware address',
    args: { name: 'eth1', mac: '1:2' },
    host: { answers },
    expects: { refused: /not a hardware address/ },
  },
  {
    title: 'refuses shell text in a name',
    args: { name: 'br1', kind: 'bridge', ports: 'a;reboot' },
    host: { answers },
    expects: { refused: /not the name of a network interface/ },
  },
]);
