import route from '../../../engine/modules/network/route.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { answers, ifupdown, networkd, networkManager } from './machine.ts';

const folder = '/etc/systemd/network';
const keyfile = '/etc/NetworkManager/system-connections/lan.nmconnection';

stateTester('network.route', route, [
  {
    title: 'adds a route by the interface in whose network the gateway lies',
    args: { name: '10.8.0.0/16', gateway: '10.77.0.2', metric: 50 },
    host: { files: { ...networkd, [`${folder}/10-lan.network`]: '[Match]\nName=eth1\n' }, answers },
    expects: {
      changes: [
        'route to 10.8.0.0/16',
        `${folder}/10-lan.network.d`,
        `${folder}/10-lan.network.d/converge-route-10-8-0-0-16-50.conf`,
      ],
      files: {
        [`${folder}/10-lan.network.d/converge-route-10-8-0-0-16-50.conf`]:
          '[Route]\nDestination=10.8.0.0/16\nGateway=10.77.0.2\nMetric=50\n',
      },
    },
  },
  {
    title: 'replaces another gateway, with a line for ifupdown',
    args: { name: '10.5.0.0/16', gateway: '10.77.0.2' },
    host: { files: { ...ifupdown, '/etc/network/interfaces.d': { directory: true } }, answers },
    expects: {
      changes: ['route to 10.5.0.0/16', '/etc/network/interfaces.d/converge-eth1-route-10-5-0-0-16'],
      files: {
        '/etc/network/interfaces.d/converge-eth1-route-10-5-0-0-16':
          '# Made by converge.\nauto eth1\niface eth1 inet manual\n    up ip -4 route replace 10.5.0.0/16 via 10.77.0.2 dev eth1\n',
      },
    },
  },
  {
    title: 'knows what is there, a single address and a default route too',
    args: { name: '10.6.0.1', gateway: '10.77.0.1', metric: 7, persist: false },
    host: { answers },
    expects: { changes: [] },
  },
  {
    title: 'knows a default route of its family',
    args: { name: 'default', gateway: 'fd00::1', interface: 'eth0', persist: false },
    host: { answers },
    expects: { changes: [] },
  },
  {
    title: 'knows what a file of somebody else says',
    args: { name: 'default', gateway: '192.0.2.1' },
    host: {
      files: {
        ...networkd,
        [`${folder}/10-wan.network`]: '[Match]\nName=eth0\n[Network]\nGateway=192.0.2.1\n',
      },
      answers,
    },
    expects: { changes: [] },
  },
  {
    title: 'adds a line to a keyfile',
    args: { name: '10.5.0.0/16', gateway: '10.77.0.1' },
    host: {
      files: { ...networkManager, [keyfile]: '[connection]\ninterface-name=eth1\n[ipv4]\nmethod=auto\n' },
      answers,
    },
    expects: {
      changes: [keyfile],
      files: {
        [keyfile]: '[connection]\ninterface-name=eth1\n[ipv4]\nmethod=auto\nroute1=10.5.0.0/16,10.77.0.1\n',
      },
    },
  },
  {
    title: 'refuses a gateway that no network has',
    args: { name: '10.8.0.0/16', gateway: '203.0.113.1' },
    host: { answers },
    expects: { refused: /lies in no network of this node/ },
  },
  {
    title: 'refuses neither gateway nor interface',
    args: { name: '10.8.0.0/16' },
    host: { answers },
    expects: { refused: /needs a `gateway` or an `interface`/ },
  },
  {
    title: 'refuses what is no network',
    args: { name: 'home', gateway: '10.77.0.1' },
    host: { answers },
    expects: { refused: '"home" is not an address.' },
  },
]);
