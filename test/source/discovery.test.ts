/** Members of a service by what resolvers say: found, kept when the DNS is away, and this node among them. */
import { expect } from 'chai';
import type { Answer, Findings } from '../../engine/core/discovery.ts';
import { createDiscovery, type Discovery, type Resolver } from '../../engine/source/discovery.ts';

const caution = { answers: 3, resolvers: 2, seconds: 10, least: 1 };
const name = '_app._tcp.example.org';

/** Question → records; a text alone is why there is no answer. */
interface Zone {
  [question: string]: readonly string[] | string;
}

const two: Zone = {
  [`SRV ${name}`]: ['10 5 443 app1.example.org', '10 5 443 app2.example.org'],
  'A app1.example.org': ['192.0.2.1'],
  'A app2.example.org': ['192.0.2.2'],
  'A internal.app1.example.org': ['10.0.0.1'],
  'A internal.app2.example.org': ['10.0.0.2'],
};

class Clock {
  now = 1_000_000;
  readonly asked: string[] = [];

  resolver(title: string, zone: Zone, more: Partial<Answer> = {}): Resolver {
    return {
      name: title,
      ask: async (host, type) => {
        const question = `${type} ${host}`;
        this.asked.push(`${title} ${question}`);
        const found = zone[question] ?? [];
        const said = { resolver: title, at: this.now, ttl: 60, ...more };
        return typeof found === 'string' ? { ...said, why: found } : { ...said, records: found };
      },
    };
  }

  discovery(zones: readonly Zone[], findings: Findings = new Map(), more: Partial<Answer> = {}): Discovery {
    return createDiscovery({
      self: { id: 'app2.example.org', addresses: ['192.0.2.2', '10.0.0.2'] },
      resolvers: zones.map((zone, place) => this.resolver(`r${place}`, zone, more)),
      caution,
      interval: 5,
      findings,
      now: () => this.now,
    });
  }
}

async function targets(discovery: Discovery): Promise<string> {
  return (await discovery.service(name)).members.map(({ target }) => target.split('.')[0]).join(' ');
}

describe('discovery of members', () => {
  it('finds them with their addresses, and this node among them', async () => {
    const service = await new Clock().discovery([two]).service(name);
    expect(service).to.deep.include({ name, index: 1, alone: false });
    expect(service.members[0]).to.deep.equal({
      target: 'app1.example.org',
      port: 443,
      priority: 10,
      weight: 5,
      addresses: ['192.0.2.1'],
      internal: ['10.0.0.1'],
    });
  });

  it('asks once a run, however often it is asked', async () => {
    const clock = new Clock();
    const discovery = clock.discovery([two]);
    await Promise.all([discovery.service(name), discovery.service(name)]);
    expect(clock.asked.filter((one) => one.includes('SRV'))).to.have.lengthOf(1);
  });

  it('is alone where no record was ever seen, with its own addresses', async () => {
    const service = await new Clock().discovery([{}]).service(name);
    expect(service).to.deep.include({ index: 0, alone: true });
    expect(service.members).to.deep.equal([
      {
        target: 'app2.example.org',
        port: 0,
        priority: 0,
        weight: 0,
        addresses: ['192.0.2.2'],
        internal: ['10.0.0.2'],
      },
    ]);
  });

  it('is alone, too, while no resolver answers and nothing is known', async () => {
    const service = await new Clock().discovery([{ [`SRV ${name}`]: 'no answer' }]).service(name);
    expect(service.alone).to.equal(true);
  });

  for (const why of ['SERVFAIL', 'no answer', 'REFUSED', 'empty, without a SOA record']) {
    it(`goes by what was known when the DNS is away for days: ${why}`, async () => {
      const clock = new Clock();
      const first = clock.discovery([two, two]);
      await first.service(name);
      const before = JSON.stringify(await first.service(name));
      let findings = first.findings();
      const away = Object.fromEntries(Object.keys(two).map((question) => [question, why]));
      for (let day = 0; day < 10; day++) {
        clock.now += 86_400_000;
        const later = clock.discovery([away, away], findings);
        expect(JSON.stringify(await later.service(name))).to.equal(before);
        findings = later.findings();
      }
    });
  }

  it('adds at once, and drops when two resolvers have said so often and long enough', async () => {
    const clock = new Clock();
    const { [`A app1.example.org`]: _, ...rest } = two;
    const one: Zone = { ...rest, [`SRV ${name}`]: ['10 5 443 app2.example.org'] };
    const first = clock.discovery([one, one]);
    expect(await targets(first)).to.equal('app2');
    clock.now += 6000;
    const added = clock.discovery([one, two], first.findings());
    clock.now += 60_000;
    expect(await targets(added), 'one of them has it').to.equal('app1 app2');
    clock.now += 60_000;
    const once = clock.discovery([one, one], added.findings());
    expect(await targets(once), 'two answers in one moment').to.equal('app1 app2');
    clock.now += 60_000;
    const twice = clock.discovery([one, one], once.findings());
    expect(await targets(twice)).to.equal('app2');
    expect([...twice.findings().keys()].filter((question) => question.includes('app1'))).to.deep.equal([]);
  });

  it('is not moved by one resolver that lies alone, however long', async () => {
    const clock = new Clock();
    let findings = clock.discovery([two, two]).findings();
    const truth = { ...two };
    const lie: Zone = { [`SRV ${name}`]: [], 'A app1.example.org': [], 'A internal.app1.example.org': [] };
    const start = clock.discovery([truth, truth], findings);
    await start.service(name);
    const before = JSON.stringify(await start.service(name));
    findings = start.findings();
    for (let round = 0; round < 50; round++) {
      clock.now += 70_000;
      const later = clock.discovery([lie, truth], findings);
      expect(JSON.stringify(await later.service(name))).to.equal(before);
      findings = later.findings();
    }
  });

  it('stays as it is for ten minutes without any answer, every five seconds, and goes on where it was', async () => {
    const clock = new Clock();
    const dumb: Zone = Object.fromEntries(Object.keys(two).map((question) => [question, 'no answer']));
    const now = { ttl: 0 };
    let last = clock.discovery([two, two], new Map(), now);
    const before = JSON.stringify(await last.service(name));
    for (let second = 0; second < 600; second += 5) {
      clock.now += 5000;
      const next = clock.discovery([dumb, dumb], last.findings(), now);
      expect(JSON.stringify(await next.service(name)), `after ${second} s`).to.equal(before);
      last = next;
    }
    // Two resolvers, one question each five seconds, and the first.
    expect(clock.asked.filter((question) => question.includes('SRV'))).to.have.length(242);
    clock.now += 5000;
    const more: Zone = {
      ...two,
      [`SRV ${name}`]: [...(two[`SRV ${name}`] as string[]), '10 5 443 app3.example.org'],
    };
    expect(await targets(clock.discovery([more, more], last.findings()))).to.equal('app1 app2 app3');
  });

  it('keeps the addresses of a host as long as its TTL says, and asks a service again after the interval', async () => {
    const clock = new Clock();
    const first = clock.discovery([two], new Map(), { authoritative: true });
    await first.service(name);
    clock.now += 4000;
    clock.asked.length = 0;
    await clock.discovery([two], first.findings(), { authoritative: true }).service(name);
    expect(clock.asked).to.deep.equal([]);
    clock.now += 2000;
    const later = clock.discovery([two], first.findings(), { authoritative: true });
    await later.service(name);
    expect(clock.asked).to.deep.equal([`r0 SRV ${name}`]);
    clock.now += 60_000;
    await clock.discovery([two], later.findings(), { authoritative: true }).service(name);
    expect(clock.asked).to.include('r0 A app1.example.org');
  });

  it('does not ask a cache before the TTL is over: it would only repeat itself', async () => {
    const clock = new Clock();
    const first = clock.discovery([two]);
    await first.service(name);
    clock.asked.length = 0;
    clock.now += 59_000;
    await clock.discovery([two], first.findings()).service(name);
    expect(clock.asked).to.deep.equal([]);
  });

  it('finds itself by an address where its name is another', async () => {
    const clock = new Clock();
    const zone = {
      ...two,
      [`SRV ${name}`]: ['10 5 443 app1.example.org', '10 5 443 other.example.org'],
      'A other.example.org': ['192.0.2.2'],
    };
    expect((await clock.discovery([zone]).service(name)).index).to.equal(1);
    const foreign = { ...zone, 'A other.example.org': ['192.0.2.9'] };
    expect((await clock.discovery([foreign]).service(name)).index).to.equal(-1);
  });

  it('takes a thousand members', async () => {
    const hosts = Array.from({ length: 1000 }, (_, n) => `app${n}.example.org`);
    const zone: Zone = { [`SRV ${name}`]: hosts.map((host) => `10 5 443 ${host}`) };
    for (const host of hosts) zone[`A ${host}`] = ['192.0.2.1'];
    const service = await new Clock().discovery([zone]).service(name);
    expect(service.members).to.have.lengthOf(1000);
    expect(service.members.every(({ addresses }) => addresses.length === 1)).to.equal(true);
  });
});
