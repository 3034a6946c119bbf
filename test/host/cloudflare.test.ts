import { expect } from 'chai';
import type { DnsEffect, DnsRecord } from '../../engine/core/dns.ts';
import type { RecordType } from '../../engine/core/dns-data.ts';
import { changeRecords, readRecords } from '../../engine/host/cloudflare.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import record from '../../engine/modules/dns/record.ts';
import member from '../../engine/modules/dns/srv_member.ts';
import memberAbsent from '../../engine/modules/dns/srv_member_absent.ts';
import { applyTo } from '../helpers/apply.ts';
import { type Cloudflare, type Fate, startCloudflare } from '../helpers/cloudflare.ts';
import { subjectsOf } from '../helpers/state-tester.ts';

const token = 'the-token-of-this-test';
const zone = 'example.test';
const web = { type: 'A', name: 'www.example.test', content: '192.0.2.1', ttl: 1, proxied: true };
const mail = { type: 'MX', name: zone, content: 'mail.example.test', priority: 10, ttl: 300, proxied: false };

function means() {
  return { first: 0.01, silent: new Set<string>(), zoneIds: new Map<string, string>() };
}

function serviceOf({ url }: Cloudflare, shown = token) {
  return { provider: 'cloudflare', token: shown, url } as const;
}

function read(
  cloud: Cloudflare,
  name: string,
  type: RecordType,
  told: { zone?: string; token?: string } = {},
) {
  const { token: shown, ...rest } = told;
  return readRecords({ service: serviceOf(cloud, shown), name, type, ...rest }, means());
}

function change(cloud: Cloudflare, effect: Partial<DnsEffect>) {
  const all = { kind: 'dns', zone, add: [], remove: [], ...effect } as const;
  return changeRecords({ ...all, service: serviceOf(cloud) }, means());
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

/** A known sequence of numbers from 0 to 1: https://en.wikipedia.org/wiki/Linear_congruential_generator. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Every third request goes wrong in some way, but the same one no more than four times. */
function unlucky(seed: number): (request: string, again: number) => Fate {
  const next = random(seed);
  const fates: readonly Fate[] = ['limited', 'broken', 'lost', 'cut'];
  return (_, again) => (again < 4 && next() < 1 / 3 ? fates[Math.floor(next() * fates.length)]! : 'good');
}

describe('Cloudflare', () => {
  it('tells the records of a name, on however many pages', async () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ ...web, content: `192.0.2.${index}` }));
    await using cloud = await startCloudflare({
      token,
      zones: { [zone]: many, 'a.test': [] },
      mostPerPage: 2,
    });
    const found = await read(cloud, 'www.example.test', 'A');
    expect(found.zone).to.equal(zone);
    expect(found.records.map(({ data }) => data)).to.deep.equal(many.map(({ content }) => content));
    expect(found.records[0]).to.deep.equal({
      name: 'www.example.test',
      type: 'A',
      ttl: 1,
      data: '192.0.2.0',
      proxied: true,
    });
  });

  it('finds the innermost zone of a name', async () => {
    await using cloud = await startCloudflare({ token, zones: { [zone]: [], [`eu.${zone}`]: [] } });
    expect((await read(cloud, `www.eu.${zone}`, 'A')).zone).to.equal(`eu.${zone}`);
    expect((await read(cloud, `www.xeu.${zone}`, 'A')).zone).to.equal(zone);
  });

  it('keeps every type as it was written', async () => {
    await using cloud = await startCloudflare({ token, zones: { [zone]: [] } });
    const data: { readonly [type in RecordType]: string } = {
      A: '192.0.2.1',
      AAAA: '2001:db8::1',
      CAA: '0 issue "ca.test; a=1"',
      CNAME: 'a.example.test',
      MX: '10 mail.example.test',
      NS: 'ns.example.test',
      SRV: '1 2 443 a.example.test',
      TXT: '"a \\"quoted\\" text\\195\\188"',
    };
    for (const [type, one] of Object.entries(data)) {
      const record = { name: `${type.toLowerCase()}.${zone}`, type: type as RecordType, ttl: 300, data: one };
      expect(await change(cloud, { add: [record] })).to.deep.equal({ became: 'done' });
      const found = await read(cloud, record.name, record.type);
      expect(found.records).to.deep.equal([{ ...record, proxied: false }]);
      expect(await change(cloud, { remove: [record] })).to.deep.equal({ became: 'done' });
    }
    expect(cloud.records[zone]).to.deep.equal([]);
  });

  it('understands texts from before they were quoted', async () => {
    const old = { type: 'TXT', name: zone, content: 'v=spf1 -all', ttl: 300, proxied: false };
    await using cloud = await startCloudflare({ token, zones: { [zone]: [old] } });
    expect((await read(cloud, zone, 'TXT')).records[0]!.data).to.equal('"v=spf1 -all"');
  });

  it('changes in one request, and nothing where all is so already', async () => {
    await using cloud = await startCloudflare({ token, zones: { [zone]: [web, mail] } });
    const name = 'www.example.test';
    const old: DnsRecord = { name, type: 'A', ttl: 1, data: '192.0.2.1', proxied: true };
    const effect = {
      remove: [old],
      add: [
        { ...old, data: '192.0.2.2' },
        { ...old, data: '192.0.2.3' },
      ],
    };
    expect(await change(cloud, effect)).to.deep.equal({ became: 'done' });
    expect(cloud.records[zone]!.map(({ content, proxied }) => [content, proxied])).to.deep.equal([
      ['mail.example.test', false],
      ['192.0.2.2', true],
      ['192.0.2.3', true],
    ]);
    await change(cloud, effect);
    expect(cloud.heard.filter((one) => one.startsWith('POST'))).to.have.length(1);
  });

  it('changes the TTL and the proxy of a record that stays, the latter only where asked', async () => {
    await using cloud = await startCloudflare({
      token,
      zones: { [zone]: [{ ...web, proxied: false, ttl: 300 }] },
    });
    const record: DnsRecord = { name: 'www.example.test', type: 'A', ttl: 60, data: '192.0.2.1' };
    const [first] = cloud.records[zone]!;
    await change(cloud, { remove: [record], add: [record] });
    expect(cloud.records[zone]).to.deep.equal([{ ...first, ttl: 60 }]);
    await change(cloud, { add: [{ ...record, proxied: true }] });
    expect(cloud.records[zone]).to.deep.equal([{ ...first, ttl: 1, proxied: true }]);
    await change(cloud, { add: [record] });
    expect(cloud.records[zone]).to.deep.equal([{ ...first, ttl: 1, proxied: true }]);
  });

  it('does not put an alias beside other records, nor others beside an alias', async () => {
    await using cloud = await startCloudflare({ token, zones: { [zone]: [web] } });
    const name = 'www.example.test';
    const alias: DnsRecord = { name, type: 'CNAME', ttl: 300, data: 'a.test' };
    const done = await change(cloud, { add: [alias], conditions: [{ name }] });
    expect(done.became === 'failed' && done.reason).to.match(/^www\.example\.test has other records/);
    expect(await failure(change(cloud, { add: [alias] }))).to.equal(
      'Cloudflare refuses: An A, AAAA, or CNAME record with that host already exists (81053).',
    );
    expect(cloud.records[zone]).to.have.length(1);
  });

  it('passes on what it says, and never the token', async () => {
    await using cloud = await startCloudflare({ token, zones: { [zone]: [] } });
    const name = 'www.example.test';
    expect(await failure(read(cloud, name, 'A', { token: 'another-token' }))).to.equal(
      'Cloudflare refuses: Invalid access token (9109).',
    );
    expect(await failure(read(cloud, 'www.other.test', 'A'))).to.equal(
      'Cloudflare shows no zone to this token in which www.other.test could be.',
    );
    expect(await failure(read(cloud, name, 'A', { zone: 'other.test' }))).to.equal(
      'Cloudflare shows no zone other.test to this token.',
    );
    const record: DnsRecord = { name, type: 'A', ttl: 5, data: '192.0.2.1' };
    expect(await failure(change(cloud, { add: [record] }))).to.match(/^Cloudflare refuses: Invalid TTL/);
  });

  it('says what it was where it does not pass', async () => {
    const options = { token, zones: { [zone]: [] } };
    const name = 'www.example.test';
    await using broken = await startCloudflare({ ...options, fate: () => 'broken' });
    expect(await failure(read(broken, name, 'A'))).to.equal(
      'Cloudflare has trouble of its own: HTTP status 502.',
    );
    const known = means();
    const query = { service: serviceOf(broken), name, type: 'A' } as const;
    await failure(readRecords(query, known));
    const before = broken.heard.length;
    await failure(readRecords(query, known));
    expect(broken.heard.length - before, 'attempts of whoever asks next').to.equal(2);
    await using limited = await startCloudflare({ ...options, fate: () => 'limited', retryAfter: 299 });
    expect(await failure(read(limited, name, 'A'))).to.match(
      /^Cloudflare takes no more requests by this token for another 299 seconds/,
    );
    expect(limited.heard).to.have.length(1);
    await using gone = await startCloudflare({ ...options, fate: () => 'cut' });
    expect(await failure(read(gone, name, 'A'))).to.match(/^Cloudflare cannot be reached: /);
  });

  it('is foretold by a dry run, and a state that holds has nothing to do', async () => {
    await using cloud = await startCloudflare({ token, zones: { [zone]: [web, mail] } });
    const about = { provider: 'cloudflare', token, url: cloud.url };
    const cases: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
      [{ name: web.name, type: 'A', values: '192.0.2.2' }, ['www.example.test A']],
      [
        { name: web.name, type: 'A', values: '192.0.2.2', proxied: false, ttl: 120 },
        ['TTL of www.example.test A', 'proxy of www.example.test A'],
      ],
      [
        { name: web.name, type: 'A', values: '192.0.2.2', proxied: true, ttl: 120 },
        ['proxy of www.example.test A'],
      ],
      [{ name: zone, type: 'MX', values: ['10 mail.example.test', '20 b.test'] }, ['example.test MX']],
      [{ name: zone, type: 'TXT', values: ['v=spf1 -all', 'a "quote" and ü'] }, ['example.test TXT']],
      [{ name: `new.${zone}`, type: 'CNAME', values: web.name, proxied: true }, ['new.example.test CNAME']],
      [
        { name: zone, type: 'CAA', values: '0 issue "ca.test; validationmethods=dns-01"' },
        ['example.test CAA'],
      ],
    ];
    for (const [args, changes] of cases) {
      const before = JSON.stringify(cloud.records);
      const dry = await applyTo(createOverlay(createLocalHost()), record, { ...args, ...about });
      expect([subjectsOf(dry.steps), dry.again], JSON.stringify(args)).to.deep.equal([changes, []]);
      expect(JSON.stringify(cloud.records)).to.equal(before);
      const real = await applyTo(createLocalHost(), record, { ...args, ...about });
      expect([real.steps, real.again, real.failed]).to.deep.equal([dry.steps, [], undefined]);
    }
    const www = cloud.records[zone]!.filter(({ name }) => name === web.name);
    expect(www.map(({ content, proxied, ttl }) => [content, proxied, ttl])).to.deep.equal([
      ['192.0.2.2', true, 1],
    ]);
  });

  // Cloudflare gives a page of the size that is asked for; a smaller one is only to be had where few write.
  for (const [seed, count, mostPerPage] of [
    [1, 12, 5],
    [2, 12, 5],
    [3, 200, 1000],
  ] as const) {
    it(`comes out right for ${count} nodes when requests fail and answers are lost (seed ${seed})`, async function () {
      this.timeout(180_000);
      const service = '_app._tcp.example.test';
      await using cloud = await startCloudflare({
        token,
        zones: { [zone]: [web, mail] },
        mostPerPage,
        fate: unlucky(seed),
      });
      const { url } = cloud;
      const nodes = Array.from({ length: count }, (_, index) => index + 1);
      const about = (node: number) => ({
        name: service,
        target: `app${node}.${zone}`,
        provider: 'cloudflare',
        token,
        url,
      });
      await Promise.all(
        nodes.map(async (node) => {
          const addresses = [`192.0.2.${node}`, `2001:db8::${node}`];
          const args = { ...about(node), port: 443, addresses, internal_addresses: `10.77.0.${node}` };
          const host = createLocalHost({ timeouts: { dns: 0.01 } });
          const { refused, failed, again } = await applyTo(host, member, args);
          expect([refused, failed, again], `node ${node}`).to.deep.equal([undefined, undefined, []]);
        }),
      );
      const kept = cloud.records[zone]!.map(({ type, name, content }) => `${name} ${type} ${content}`);
      expect(kept.slice(2).sort()).to.deep.equal(
        nodes
          .flatMap((node) => [
            `${service} SRV 10 443 app${node}.${zone}`,
            `app${node}.${zone} A 192.0.2.${node}`,
            `app${node}.${zone} AAAA 2001:db8::${node}`,
            `internal.app${node}.${zone} A 10.77.0.${node}`,
          ])
          .sort(),
      );
      await Promise.all(
        nodes.map(async (node) => {
          const host = createLocalHost({ timeouts: { dns: 0.01 } });
          const { failed } = await applyTo(host, memberAbsent, { ...about(node), addresses: true });
          expect(failed, `node ${node}`).to.equal(undefined);
        }),
      );
      expect(cloud.records[zone]!.map(({ content }) => content)).to.deep.equal([
        '192.0.2.1',
        'mail.example.test',
      ]);
    });
  }
});
