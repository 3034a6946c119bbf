import { expect } from 'chai';
import network from '../../../engine/watch/beacons/network.ts';
import { type FakeMeans, fakeMeans, settled } from '../../helpers/watch-means.ts';

const lo = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
`;

function link(
  index: number,
  name: string,
  addresses: readonly string[],
  state = 'UP',
  lifetime = 86400,
): string {
  const lines = addresses.map(
    (address) =>
      `    ${address.includes(':') ? 'inet6' : 'inet'} ${address} scope global dynamic ${name}
       valid_lft ${lifetime}sec preferred_lft ${lifetime}sec\n`,
  );
  return `${index}: ${name}@if7: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state ${state} group default
    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n${lines.join('')}`;
}

/** As `ip -o monitor` says it. */
function said(index: number, name: string, address: string, lifetime = 86400): string {
  const family = address.includes(':') ? 'inet6' : 'inet';
  return `${index}: ${name}    ${family} ${address} scope global dynamic ${name}\\       valid_lft ${lifetime}sec preferred_lft ${lifetime}sec`;
}

interface Started extends FakeMeans {
  /** What `ip address` says. */
  addresses: string;
  readonly looks: () => number;
  readonly hear: (...lines: string[]) => void;
  readonly beacon: ReturnType<typeof network.start>;
  [Symbol.dispose](): void;
}

/** With what there is at the start known. */
async function started(settings: { interfaces?: string[]; except?: string[] } = {}): Promise<Started> {
  const means = fakeMeans();
  const started = Object.assign(means, {
    addresses: lo + link(2, 'eth0', ['10.0.0.1/24', 'fe80::1/64']),
    looks: () => means.machine.commands.length,
    hear: (...lines: string[]) => {
      for (const line of lines) means.machine.followed.at(-1)!.on.line(line);
    },
  });
  means.machine.onRun = () => ({ stdout: started.addresses });
  const beacon = network.start(settings as Parameters<typeof network.start>[0], means, '');
  await means.clock.advance(6000);
  return Object.assign(started, { beacon, [Symbol.dispose]: () => beacon[Symbol.dispose]() });
}

describe('beacon network', () => {
  it('follows ip, and looks twice at the start', async () => {
    using means = await started();
    expect(means.machine.followed.map(({ argv }) => argv.join(' '))).to.deep.equal([
      'ip -o monitor link address',
    ]);
    expect(means.machine.commands.map(({ argv }) => argv.join(' '))).to.deep.equal([
      'ip address',
      'ip address',
    ]);
    expect(means.notices).to.deep.equal([]);
    expect(means.beacon.tell()).to.equal('2 interfaces');
    await means.clock.advance(24 * 3_600_000);
    expect(means.looks()).to.equal(2);
    expect(means.clock.pending).to.equal(0);
  });

  it('sees what happened before it could hear', async () => {
    const means = fakeMeans();
    let looks = 0;
    means.machine.onRun = () => ({ stdout: link(2, 'eth0', looks++ === 0 ? [] : ['10.0.0.1/24']) });
    using _beacon = network.start({ interfaces: ['*'], except: [] }, means, '');
    await means.clock.advance(5000);
    expect(means.notices).to.deep.equal(['eth0']);
  });

  it('tells of addresses and links that come, go or change, and of nothing else', async () => {
    using means = await started();
    means.addresses = lo + link(2, 'eth0', ['10.0.0.1/24', 'fe80::1/64', '10.0.0.9/32']);
    means.hear(said(2, 'eth0', '10.0.0.9/32'));
    await means.clock.advance(20);
    expect(means.notices).to.deep.equal(['eth0']);

    await means.clock.advance(6000);
    means.addresses = lo + link(2, 'eth0', ['10.0.0.1/24', 'fe80::1/64'], 'DOWN') + link(3, 'bond0', []);
    means.hear('2: eth0@if7: <BROADCAST> state DOWN', `Deleted ${said(2, 'eth0', '10.0.0.9/32')}`);
    await means.clock.advance(20);
    expect(means.notices.splice(0)).to.deep.equal(['eth0', 'eth0', 'bond0']);

    await means.clock.advance(6000);
    means.addresses = lo;
    means.hear('Deleted 3: bond0@if7: <BROADCAST> state DOWN');
    await means.clock.advance(20);
    expect(means.notices).to.deep.equal(['eth0', 'bond0']);
    expect(means.beacon.tell()).to.equal('1 interface');
  });

  it('does not even look where a router only announces itself again', async () => {
    using means = await started();
    means.hear(said(2, 'eth0', 'fe80::1/64', 86399));
    await means.clock.advance(2000);
    const looks = means.looks();
    for (let i = 0; i < 100; i++) {
      means.addresses = lo + link(2, 'eth0', ['10.0.0.1/24', 'fe80::1/64'], 'UP', i);
      means.hear(said(2, 'eth0', 'fe80::1/64', 86400 - i));
      await means.clock.advance(10_000);
    }
    expect(means.looks()).to.equal(looks);
    expect(means.notices).to.deep.equal([]);
  });

  it('looks again where the same address comes back', async () => {
    using means = await started();
    const line = said(2, 'eth0', '10.0.0.9/32');
    for (const address of [['10.0.0.9/32'], [], ['10.0.0.9/32']]) {
      means.addresses = link(2, 'eth0', address);
      means.hear(address.length > 0 ? line : `Deleted ${line}`);
      await means.clock.advance(5000);
    }
    expect(means.notices.filter((name) => name === 'eth0')).to.have.length(3);
  });

  it('leaves containers alone, and what it is told to', async () => {
    using means = await started();
    means.addresses += link(9, 'veth12ab', ['172.17.0.1/16']) + link(10, 'br-0123456789ab', []);
    means.hear(
      said(9, 'veth12ab', '172.17.0.1/16'),
      'Deleted 9: veth12ab@if3: <UP>',
      '10: br-0123456789ab: <UP>',
    );
    await means.clock.advance(5000);
    expect(means.looks()).to.equal(2);
    means.hear('11: br-lan: <UP>');
    await means.clock.advance(5000);
    expect(means.looks()).to.equal(3);
    expect(means.notices).to.deep.equal([]);

    using chosen = await started({ interfaces: ['eth*', 'lo'], except: ['eth1'] });
    expect(chosen.beacon.tell()).to.equal('2 interfaces');
    chosen.addresses = link(3, 'eth1', []) + link(4, 'wlan0', []) + link(5, 'eth2', []);
    chosen.hear('3: eth1: <UP>', '4: wlan0: <UP>');
    await chosen.clock.advance(5000);
    expect(chosen.notices).to.deep.equal([]);
    await chosen.beacon.look!();
    expect(chosen.notices).to.deep.equal(['lo', 'eth0', 'eth2']);
  });

  it('looks ever more rarely where much goes on, and once more at the end', async () => {
    using means = await started();
    const before = means.looks();
    for (let i = 0; i < 1000; i++) {
      means.addresses = link(2, 'eth0', [`10.0.${i >> 8}.${i & 255}/32`]);
      means.hear(said(2, 'eth0', `10.0.${i >> 8}.${i & 255}/32`));
      await means.clock.advance(10);
    }
    await means.clock.advance(2000);
    expect(means.looks() - before).to.be.within(18, 24);
    const told = means.notices.length;
    await means.beacon.look!();
    expect(means.notices.length).to.equal(told);
  });

  it('does not wait for hours where the clock was set back', async () => {
    using means = await started();
    means.clock.set(0);
    means.addresses = lo;
    means.hear('Deleted 2: eth0: <UP>');
    await means.clock.advance(1000);
    expect(means.notices).to.deep.equal(['eth0']);
  });

  it('looks again where it heard of something while it was looking', async () => {
    using means = await started();
    const { promise, resolve } = Promise.withResolvers<{ stdout: string }>();
    means.machine.onRun = () => promise;
    means.hear('Deleted 2: eth0: <UP>');
    await means.clock.advance(20);
    means.machine.onRun = () => ({ stdout: '' });
    means.hear('Deleted 1: lo: <UP>');
    resolve({ stdout: lo });
    await settled();
    expect(means.notices).to.deep.equal(['eth0']);
    await means.clock.advance(50);
    expect(means.notices).to.deep.equal(['eth0', 'lo']);
  });

  it('compares with what it knew where it was deaf', async () => {
    using means = await started();
    means.machine.followed[0]!.on.end('ip: it ended with SIGKILL');
    means.addresses = lo;
    await means.clock.advance(200);
    expect(means.machine.followed).to.have.length(2);
    expect(means.notices).to.deep.equal(['eth0']);
    expect(means.warnings).to.deep.equal([]);
  });

  it('says once that there is no ip, and hears as soon as there is', async () => {
    const means = fakeMeans();
    const { machine, clock } = means;
    const follow = machine.follow;
    machine.follow = (_, on) => clock.after(1, () => on.end('ip: command not found'));
    machine.onRun = () => ({ status: 127, stderr: 'ip: command not found' });
    using beacon = network.start({ interfaces: ['*'], except: [] }, means, '');
    await clock.advance(3_600_000);
    expect(means.warnings).to.deep.equal(['The network is not watched: ip: command not found.']);
    expect(beacon.tell()).to.equal('0 interfaces, unheard: ip: command not found');
    machine.follow = follow;
    machine.onRun = () => ({ stdout: lo });
    await clock.advance(600_000);
    expect(beacon.tell()).to.equal('1 interface');
  });

  it('takes what cannot be read for nothing', async () => {
    using means = await started();
    means.machine.onRun = () => ({ status: 1, stderr: 'Cannot open netlink socket: Too many open files\n' });
    for (const line of ['garbage', '', '\uFFFD\0', '2: eth0: <DOWN>', '3: eth1: <DOWN>']) {
      means.hear(line);
      await means.clock.advance(5000);
    }
    expect(means.notices).to.deep.equal([]);
    expect(means.warnings).to.deep.equal([
      'ip address cannot be read: Cannot open netlink socket: Too many open files',
    ]);
    means.machine.onRun = () => ({ stdout: lo });
    means.hear('2: eth0: <DOWN>');
    await means.clock.advance(5000);
    expect(means.notices).to.deep.equal(['eth0']);
  });

  it('leaves nothing behind, in whatever state it is stopped', async () => {
    for (const wait of [0, 20, 5000]) {
      const means = fakeMeans();
      means.machine.onRun = () => ({ stdout: lo });
      const beacon = network.start({ interfaces: ['*'], except: [] }, means, '');
      await means.clock.advance(wait);
      beacon[Symbol.dispose]();
      beacon[Symbol.dispose]();
      expect(means.clock.pending).to.equal(0);
      expect(means.machine.followed.map(({ disposed }) => disposed)).to.deep.equal([true]);
    }
    const means = fakeMeans();
    const { promise, resolve } = Promise.withResolvers<{ stdout: string }>();
    means.machine.onRun = () => promise;
    const beacon = network.start({ interfaces: ['*'], except: [] }, means, '');
    await means.clock.advance(20);
    beacon[Symbol.dispose]();
    resolve({ stdout: lo });
    await settled();
    expect([means.clock.pending, means.notices.length]).to.deep.equal([0, 0]);
  });
});
