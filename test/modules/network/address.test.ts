import { expect } from 'chai';
import { stepsOf } from '../../../engine/core/state.ts';
import address from '../../../engine/modules/network/address.ts';
import { planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { answers, ifupdown, networkd, networkManager, session } from './machine.ts';

const eth1 = { name: 'eth1', addresses: ['10.77.0.50/24', 'FD00:77:0::50/64'] };
const added = ['10.77.0.50/24 on eth1', 'fd00:77::50/64 on eth1'];
const base = '/etc/systemd/network/50-converge-eth1.network';
const keyfiles = '/etc/NetworkManager/system-connections';
const keyfile =
  '[connection]\nid=lan\nuuid=1\ntype=ethernet\ninterface-name=eth1\n\n[ipv4]\naddress1=10.77.0.10/24,10.77.0.1\nmethod=manual\n\n[ipv6]\nmethod=disabled\n\n[proxy]\n';

stateTester('network.address', address, [
  {
    title: 'adds addresses, for systemd-networkd in drop-ins of a file of its own',
    args: eth1,
    host: { files: networkd, answers },
    expects: {
      changes: [
        ...added,
        '/etc/systemd/network',
        base,
        `${base}.d`,
        `${base}.d/converge-address-10-77-0-50-24.conf`,
        `${base}.d/converge-address-fd00-77-50-64.conf`,
      ],
      files: {
        [`${base}.d/converge-address-fd00-77-50-64.conf`]: {
          content: '[Address]\nAddress=fd00:77::50/64\n',
          mode: 0o644,
        },
        [base]:
          '# Made by converge.\n[Match]\nName=eth1\n\n[Link]\nRequiredForOnline=no\n\n[Network]\nConfigureWithoutCarrier=yes\nKeepConfiguration=static\n',
      },
    },
  },
  {
    title: 'joins the file that is for the interface, wherever it lies',
    args: eth1,
    host: {
      files: {
        ...networkd,
        '/run/systemd/network/10-lan.network':
          '[Match]\nMACAddress=06:00:00:00:00:11\n[Network]\nAddress=fd00:77::50/64\n',
      },
      answers,
    },
    expects: {
      changes: [
        ...added,
        '/etc/systemd/network',
        '/etc/systemd/network/10-lan.network.d',
        '/etc/systemd/network/10-lan.network.d/converge-address-10-77-0-50-24.conf',
      ],
      files: { [base]: null },
    },
  },
  {
    title: 'goes by the first file whose patterns fit',
    args: { name: 'eth1', addresses: '10.77.0.10/24' },
    host: {
      files: {
        ...networkd,
        '/etc/systemd/network/05-not.network': '[Match]\nName=!eth*\n[Network]\nAddress=10.77.0.10/24\n',
        '/etc/systemd/network/20-all.network': '[Match]\nName=en* eth*\nType=ether\n',
        '/etc/systemd/network/20-all.network.d/mine.conf': '[Address]\nAddress=10.77.0.10/24\n',
      },
      answers,
    },
    expects: { changes: [] },
  },
  {
    title: 'has files for ifupdown, and sees what its files say',
    args: { name: 'eth1', addresses: ['10.77.0.10/24', '2001:db8::10/64'] },
    host: { files: ifupdown, answers },
    expects: {
      changes: [
        '/etc/network/interfaces.d',
        '/etc/network/interfaces.d/converge-eth1-address-2001-db8-10-64',
      ],
      files: {
        '/etc/network/interfaces.d/converge-eth1-address-2001-db8-10-64':
          '# Made by converge.\nauto eth1\niface eth1 inet6 static\n    address 2001:db8::10/64\n',
      },
    },
  },
  {
    title: 'has ifupdown read its files',
    args: { name: 'lo', addresses: '203.0.113.5' },
    host: {
      files: { '/usr/sbin/ifup': '', '/etc/network/interfaces': 'auto lo\niface lo inet loopback' },
      answers,
    },
    expects: {
      changes: [
        '203.0.113.5/32 on lo',
        '/etc/network/interfaces',
        '/etc/network/interfaces.d',
        '/etc/network/interfaces.d/converge-lo-address-203-0-113-5-32',
      ],
      files: {
        '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n',
      },
    },
  },
  {
    title: 'edits the keyfile of the interface',
    args: eth1,
    host: {
      files: {
        ...networkManager,
        [`${keyfiles}/lan.nmconnection`]: { content: keyfile, mode: 0o600 },
        '/run/NetworkManager': { directory: true },
      },
      answers,
    },
    expects: {
      changes: [...added, `${keyfiles}/lan.nmconnection`, 'connections of NetworkManager'],
      files: {
        [`${keyfiles}/lan.nmconnection`]: {
          content: keyfile
            .replace('method=manual', 'method=manual\naddress2=10.77.0.50/24')
            .replace('method=disabled', 'method=manual\naddress1=fd00:77::50/64'),
          mode: 0o600,
        },
      },
    },
  },
  {
    title: 'makes a keyfile that keeps DHCP',
    args: { name: 'eth0', addresses: '192.0.2.77/24' },
    host: {
      files: {
        ...networkManager,
        '/run/NetworkManager/system-connections/eth0.nmconnection':
          '[connection]\ntype=ethernet\ninterface-name=eth0\n\n[.nmmeta]\nnm-generated=true\nvolatile=true\n',
      },
      answers,
    },
    expects: {
      changes: [
        '192.0.2.77/24 on eth0',
        '/etc/NetworkManager',
        keyfiles,
        `${keyfiles}/converge-eth0.nmconnection`,
      ],
      files: {
        [`${keyfiles}/converge-eth0.nmconnection`]: {
          content:
            '# Made by converge.\n[connection]\nid=converge-eth0\ntype=ethernet\ninterface-name=eth0\n\n[ipv4]\nmethod=auto\naddress1=192.0.2.77/24\n\n[ipv6]\nmethod=link-local\n',
          mode: 0o600,
        },
      },
    },
  },
  {
    title: 'knows a keyfile by the hardware address',
    args: { name: 'eth1', addresses: '10.77.0.10/24' },
    host: {
      files: {
        ...networkManager,
        [`${keyfiles}/a`]:
          '[connection]\ntype=ethernet\n[ethernet]\nmac-address=06:00:00:00:00:11\n[ipv4]\naddress=10.77.0.10/24\n',
      },
      answers,
    },
    expects: { changes: [] },
  },
  {
    title: 'refuses where a keyfile may be for any card',
    args: eth1,
    host: {
      files: { ...networkManager, [`${keyfiles}/any.nmconnection`]: '[connection]\ntype=ethernet\n' },
      answers,
    },
    expects: { refused: /any\.nmconnection names no interface, so it may be for eth1 too/ },
  },
  {
    title: 'refuses an interface whose keyfile something else makes',
    args: eth1,
    host: {
      files: {
        ...networkManager,
        '/run/NetworkManager/system-connections/netplan-eth1.nmconnection':
          '[connection]\ntype=ethernet\ninterface-name=eth1\n',
      },
      answers,
    },
    expects: { refused: /eth1 is set up by \/run\/NetworkManager\/system-connections\/netplan-eth1/ },
  },
  {
    title: 'leaves to ifupdown what that has a stanza for, even beside NetworkManager',
    args: { name: 'eth1', addresses: '10.77.0.10/24' },
    host: { files: { ...networkManager, ...ifupdown }, answers },
    expects: { changes: [] },
  },
  {
    title: 'refuses an interface that is set up by ifcfg',
    args: eth1,
    host: {
      files: { ...networkManager, '/etc/sysconfig/network-scripts/ifcfg-eth1': 'DEVICE=eth1\n' },
      answers,
    },
    expects: { refused: /ifcfg-eth1, which converge does not edit/ },
  },
  {
    title: 'makes them the only ones, but for those of DHCP and the link',
    args: { name: 'eth1', addresses: '10.77.0.10/24', exact: true, persist: false },
    host: { files: {}, answers },
    expects: { changes: ['10.77.0.99/24 on eth1', '2001:db8::10/64 on eth1'], files: {} },
  },
  {
    title: 'never removes the address of an ssh session',
    args: { name: 'eth1', addresses: '10.77.0.10/24', exact: true, persist: false },
    host: { files: { '/proc/net/tcp': session }, answers },
    expects: { refused: 'An ssh session uses the address 10.77.0.99 now; this would cut it off.' },
  },
  {
    title: 'knows our own session, on whatever port',
    args: { name: 'eth1', addresses: '10.77.0.10/24', exact: true, persist: false },
    host: { environment: { SSH_CONNECTION: '10.77.0.1 50000 ::ffff:10.77.0.99 2222' }, answers },
    expects: { refused: /10\.77\.0\.99/ },
  },
  {
    title: 'unless it is forced',
    args: { name: 'eth1', addresses: '10.77.0.10/24', exact: true, persist: false, force: true },
    host: { files: { '/proc/net/tcp': session }, answers },
    expects: { changes: ['10.77.0.99/24 on eth1', '2001:db8::10/64 on eth1'], files: {} },
  },
  {
    title: 'removes what it wrote of others, too',
    args: { name: 'br0', addresses: [], exact: true },
    host: {
      files: {
        ...networkd,
        '/etc/systemd/network/50-br.network': '[Match]\nName=br0\n',
        '/etc/systemd/network/50-br.network.d/converge-address-10-1-0-1-24.conf':
          '[Address]\nAddress=10.1.0.1/24\n',
      },
      answers,
    },
    expects: {
      changes: [
        '/etc/systemd/network/50-br.network.d/converge-address-10-1-0-1-24.conf',
        '/etc/systemd/network/50-br.network.d',
      ],
      files: { '/etc/systemd/network/50-br.network.d': null },
    },
  },
  {
    title: 'writes only the files below a root',
    args: { name: 'lo', addresses: '203.0.113.5/32', backend: 'networkd' },
    host: { files: {} },
    expects: {
      changes: [
        '/etc',
        '/etc/systemd',
        '/etc/systemd/network',
        '/etc/systemd/network/50-converge-lo.network',
        '/etc/systemd/network/50-converge-lo.network.d',
        '/etc/systemd/network/50-converge-lo.network.d/converge-address-203-0-113-5-32.conf',
      ],
      files: {
        '/etc/systemd/network/50-converge-lo.network.d/converge-address-203-0-113-5-32.conf':
          '[Address]\nAddress=203.0.113.5/32\n',
      },
    },
  },
  {
    title: 'refuses an interface that is not there',
    args: { name: 'eth9', addresses: '10.0.0.1/8', persist: false },
    host: { answers },
    expects: { refused: 'There is no network interface eth9.' },
  },
  {
    title: 'refuses where nothing is known to set up the network',
    args: eth1,
    host: { answers },
    expects: { refused: /not known what sets up/ },
  },
  {
    title: 'refuses without ip',
    args: { ...eth1, persist: false },
    host: { answers: {} },
    expects: { refused: 'The network cannot be seen: there is no ip here.' },
  },
  {
    title: 'refuses what is no address',
    args: { name: 'eth1', addresses: '10.0.0.0/33' },
    host: { answers },
    expects: { refused: /"10\.0\.0\.0\/33" is not an address/ },
  },
  {
    title: 'refuses a name that would be a path',
    args: { name: '../eth1', addresses: '10.0.0.1/8' },
    host: { answers },
    expects: { refused: /is not the name of a network interface/ },
  },
]);

describe('network.address, its commands', () => {
  it('add before they remove', async () => {
    await using stage = await hostOf({ host: { answers } });
    const args = { name: 'eth1', addresses: ['10.77.0.51/24', '10.77.0.10/24'], exact: true, persist: false };
    const { plan } = await planOf(address, args, stage.host);
    const commands = stepsOf(plan as never).map(({ effect }) =>
      effect.kind === 'exec' ? effect.command.argv.join(' ') : '',
    );
    expect(commands).to.deep.equal([
      'ip address add 10.77.0.51/24 broadcast + dev eth1',
      'ip address delete 10.77.0.99/24 dev eth1',
      'ip address delete 2001:db8::10/64 dev eth1',
    ]);
  });
});
