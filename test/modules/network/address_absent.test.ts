import absent from '../../../engine/modules/network/address_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { answers, ifupdown, networkd, networkManager, session } from './machine.ts';

const keyfile = '/etc/NetworkManager/system-connections/converge-eth1.nmconnection';
const own = '/etc/network/interfaces.d/converge-eth1-address-10-77-0-99-24';

stateTester('network.address_absent', absent, [
  {
    title: 'removes an address and its drop-in, and the file made for drop-ins',
    args: { name: 'eth1', addresses: '10.77.0.99/24' },
    host: {
      files: {
        ...networkd,
        '/etc/systemd/network/50-converge-eth1.network':
          '# Made by converge.\n[Match]\nName=eth1\n\n[Link]\nRequiredForOnline=no\n\n[Network]\nConfigureWithoutCarrier=yes\nKeepConfiguration=static\n',
        '/etc/systemd/network/50-converge-eth1.network.d/converge-address-10-77-0-99-24.conf':
          '[Address]\nAddress=10.77.0.99/24\n',
      },
      answers,
    },
    expects: {
      changes: [
        '10.77.0.99/24 on eth1',
        '/etc/systemd/network/50-converge-eth1.network.d/converge-address-10-77-0-99-24.conf',
        '/etc/systemd/network/50-converge-eth1.network',
        '/etc/systemd/network/50-converge-eth1.network.d',
      ],
      files: { '/etc/systemd/network/50-converge-eth1.network': null },
    },
  },
  {
    title: 'removes the file of ifupdown',
    args: { name: 'eth1', addresses: ['10.77.0.99/24'] },
    host: { files: { ...ifupdown, [own]: 'iface eth1 inet static\n address 10.77.0.99/24\n' }, answers },
    expects: { changes: ['10.77.0.99/24 on eth1', own], files: { [own]: null } },
  },
  {
    title: 'removes a keyfile that has nothing more to say',
    args: { name: 'eth1', addresses: ['10.77.0.99/24'] },
    host: {
      files: {
        ...networkManager,
        [keyfile]:
          '[connection]\nid=a\ntype=ethernet\ninterface-name=eth1\n\n[ipv4]\nmethod=manual\naddress1=10.77.0.99/24\n',
      },
      answers,
    },
    expects: { changes: ['10.77.0.99/24 on eth1', keyfile], files: { [keyfile]: null } },
  },
  {
    title: 'does not remove what would come back at boot',
    args: { name: 'eth1', addresses: '10.77.0.10/24' },
    host: { files: ifupdown, answers },
    expects: { refused: /is also set up by \/etc\/network\/interfaces,/ },
  },
  {
    title: 'never cuts an ssh session',
    args: { name: 'eth1', addresses: '10.77.0.99/24', persist: false },
    host: { files: { '/proc/net/tcp': session }, answers },
    expects: { refused: /An ssh session uses the address 10\.77\.0\.99/ },
  },
  {
    title: 'is content where neither address nor interface is there',
    args: { name: 'eth9', addresses: '10.0.0.1/8' },
    host: { files: networkd, answers },
    expects: { changes: [] },
  },
  {
    title: 'refuses what is no address',
    args: { name: 'eth1', addresses: 'x' },
    host: { answers },
    expects: { refused: /"x" is not an address/ },
  },
]);
