import { expect } from 'chai';
import { type Machine, sidesOf } from '../../engine/source/sides.ts';

const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
const zero = '0'.repeat(32);
const inet6 = (device: string, hex: string, flags = '80') => `${hex} 02 40 00 ${flags}     ${device}\n`;

function route(device: string, destination = '00000000', mask = '00000000'): string {
  return `${device}\t${destination}\t010200C0\t0003\t0\t0\t0\t${mask}\t0\t0\t0   \n`;
}

function route6(device: string, destination = zero, length = '00'): string {
  return `${destination} ${length} ${zero} 00 fe80${zero.slice(4)} 00000400 00000004 00000000 00000003     ${device}\n`;
}

/** `public interfaces | addresses / private interfaces | addresses`. */
function told(
  addresses: { readonly [device: string]: readonly string[] },
  more: Partial<Machine> = {},
): string {
  const sides = sidesOf({
    addresses: new Map(Object.entries({ lo: ['127.0.0.1', '::1', '203.0.113.9'], ...addresses })),
    tunnels: new Set(['lo', 'wg0', 'tailscale0']),
    routes: head,
    routes6: '',
    inet6: '',
    ...more,
  });
  const shown = (side: keyof typeof sides) =>
    `${sides[side].interfaces.join(' ')} | ${sides[side].addresses.join(' ')}`;
  return `${shown('public')} / ${shown('private')}`;
}

describe('the sides of a machine', () => {
  const two = {
    eth0: ['198.51.100.7', '2001:db8::7', 'fe80::1'],
    eth1: ['10.77.0.7', 'fd00:77::7', 'fe80::2'],
  };
  const both = 'eth0 | 198.51.100.7 2001:db8::7 / eth1 | 10.77.0.7 fd00:77::7'.split(' / ') as [
    string,
    string,
  ];

  it('public is where the default route leads', () => {
    expect(told(two, { routes: head + route('eth0') + route('eth1', '00004D0A', '00FFFFFF') })).to.equal(
      both.join(' / '),
    );
    expect(
      told(two, { routes6: route6('eth1', `fd000077${zero.slice(8)}`, '40') + route6('eth0') }),
    ).to.equal(both.join(' / '));
    expect(told({ ...two, eth2: ['192.0.2.1'] }, { routes: head + route('eth0') })).to.equal(
      both.join(' / '),
    );
  });

  it('public is what has an address of the Internet, where there is no default route', () => {
    expect(told(two)).to.equal(both.join(' / '));
    // Of IPv6 the kernel has a route of `lo` that refuses.
    expect(told(two, { routes6: route6('lo') })).to.equal(both.join(' / '));
  });

  it('one interface is both, where it has an internal address', () => {
    expect(told({ ens3: ['10.0.0.4'] }, { routes: head + route('ens3') })).to.equal(
      'ens3 | 10.0.0.4 / ens3 | 10.0.0.4',
    );
    expect(told({ ens3: ['10.0.0.4', '192.0.2.4'] }, { routes: head + route('ens3') })).to.equal(
      'ens3 | 192.0.2.4 / ens3 | 10.0.0.4',
    );
    expect(told({ ens3: ['192.0.2.4'] }, { routes: head + route('ens3') })).to.equal(
      'ens3 | 192.0.2.4 /  | ',
    );
    expect(told({ ens3: ['10.0.0.4'] }), 'no way out').to.equal(' |  / ens3 | 10.0.0.4');
    expect(told({})).to.equal(' |  /  | ');
  });

  it('behind a NAT the private interfaces are the others', () => {
    const others = { eth1: ['100.64.0.4'], eth2: ['172.16.0.4'] };
    expect(told({ eth0: ['10.0.0.4'], ...others }, { routes: head + route('eth0') })).to.equal(
      'eth0 | 10.0.0.4 / eth1 eth2 | 100.64.0.4 172.16.0.4',
    );
  });

  it('tunnels are private where no other network is', () => {
    const routes = head + route('eth0');
    const tunnels = { wg0: ['10.8.0.4'], tailscale0: ['100.64.0.4'] };
    expect(told({ ...two, ...tunnels }, { routes })).to.equal(both.join(' / '));
    expect(told({ eth0: ['192.0.2.4'], ...tunnels }, { routes })).to.equal(
      'eth0 | 192.0.2.4 / tailscale0 wg0 | 10.8.0.4 100.64.0.4',
    );
    expect(told({ eth0: ['10.0.0.4'], wg0: ['10.8.0.4'] }, { routes })).to.equal(
      'eth0 | 10.0.0.4 / wg0 | 10.8.0.4',
    );
  });

  it('what leads to containers is no side', () => {
    const containers = {
      docker0: ['172.17.0.1'],
      'br-0123456789ab': ['172.18.0.1'],
      veth1: ['fe80::3'],
      virbr0: ['192.168.122.1'],
    };
    expect(told({ ...two, ...containers })).to.equal(both.join(' / '));
    expect(told({ eth0: ['192.0.2.4'], br0: ['10.0.0.4'] })).to.equal('eth0 | 192.0.2.4 / br0 | 10.0.0.4');
  });

  it('addresses with labels belong to their interface, and those that go away are left out', () => {
    const addresses = {
      eth0: ['198.51.100.7', '2001:db8::7', '2001:db8::8', '2001:db8::9'],
      'eth0:1': ['198.51.100.8'],
    };
    const flags =
      inet6('eth0', '20010db8000000000000000000000007') +
      inet6('eth0', '20010db8000000000000000000000008', '01') +
      inet6('eth0', '20010db8000000000000000000000009', '20');
    expect(told(addresses, { inet6: flags })).to.equal('eth0 | 198.51.100.7 198.51.100.8 2001:db8::7 /  | ');
  });
});
