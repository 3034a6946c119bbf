import absent from '../../../engine/modules/network/link_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { answers, ifupdown, networkd, networkManager } from './machine.ts';

const folder = '/etc/systemd/network';
const keyfile = '/etc/NetworkManager/system-connections/converge-br0.nmconnection';
const interfaces = '/etc/network/interfaces.d';

stateTester('network.link_absent', absent, [
  {
    title: 'removes a bridge with all that was written of it',
    args: { name: 'br0' },
    host: {
      files: {
        ...networkd,
        [`${folder}/50-converge-br0.netdev`]: '[NetDev]\nName=br0\nKind=bridge\n',
        [`${folder}/10-lan.network`]: '[Match]\nName=eth1\n',
        [`${folder}/10-lan.network.d/converge-bridge.conf`]: '[Network]\nBridge=br0\n',
      },
      answers,
    },
    expects: {
      changes: [
        `${folder}/50-converge-br0.netdev`,
        `${folder}/10-lan.network.d/converge-bridge.conf`,
        `${folder}/10-lan.network.d`,
        'br0',
      ],
      files: { [`${folder}/10-lan.network`]: '[Match]\nName=eth1\n' },
    },
  },
  {
    title: 'removes the files of ifupdown',
    args: { name: 'br0' },
    host: {
      files: {
        ...ifupdown,
        [`${interfaces}/converge-br0`]: 'auto br0\niface br0 inet manual\n',
        [`${interfaces}/converge-br0-address-10-0-0-1-8`]: 'iface br0 inet static\n address 10.0.0.1/8\n',
        [`${interfaces}/converge-br01`]: 'iface br01 inet manual\n',
      },
      answers,
    },
    expects: {
      changes: [`${interfaces}/converge-br0`, `${interfaces}/converge-br0-address-10-0-0-1-8`, 'br0'],
      files: { [`${interfaces}/converge-br01`]: 'iface br01 inet manual\n' },
    },
  },
  {
    title: 'has NetworkManager forget it',
    args: { name: 'br0' },
    host: {
      files: {
        ...networkManager,
        '/run/NetworkManager': { directory: true },
        [keyfile]: '[connection]\ntype=bridge\ninterface-name=br0\n',
      },
      answers,
    },
    expects: { changes: [keyfile, 'connection converge-br0', 'br0'], files: { [keyfile]: null } },
  },
  {
    title: 'leaves what others make at boot',
    args: { name: 'br0' },
    host: { files: { ...networkd, [`${folder}/br.netdev`]: '[NetDev]\nName=br0\n' }, answers },
    expects: { refused: /br0 is also set up by/ },
  },
  {
    title: 'refuses a card of the machine',
    args: { name: 'eth1', persist: false },
    host: { answers },
    expects: { refused: 'eth1 is no virtual interface: it cannot be removed.' },
  },
  {
    title: 'is content where it is not there',
    args: { name: 'br9', persist: false },
    host: { answers },
    expects: { changes: [] },
  },
]);
