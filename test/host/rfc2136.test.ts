import { expect } from 'chai';
import type { DnsEffect, DnsRecord } from '../../engine/core/dns.ts';
import { changeRecords, readRecords } from '../../engine/host/rfc2136.ts';
import { type Asked, type Nameserver, replyTo, startNameserver } from '../helpers/nameserver.ts';

const patience = { attempts: [0.1, 0.1, 0.2] };
const name = 'www.example.test';
const zone = 'example.test';
const record: DnsRecord = { name, type: 'A', ttl: 300, data: '192.0.2.1' };

function serviceOf({ address }: Nameserver) {
  return { provider: 'rfc2136', server: address } as const;
}

function read(server: Nameserver, type: DnsRecord['type'] = 'A') {
  return readRecords({ service: serviceOf(server), zone, name, type }, patience);
}

function change(server: Nameserver, more: Partial<DnsEffect> = {}) {
  const effect = { kind: 'dns', zone, remove: [], add: [record], ...more } as const;
  return changeRecords({ ...effect, service: serviceOf(server) }, patience);
}

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

/** Answers all with a code. */
function saying(rcode: number) {
  return (asked: Asked) => [replyTo(asked, { rcode })];
}

describe('reading from a nameserver', () => {
  it('takes the records of the name, and an alias, in one spelling of the name', async () => {
    await using server = await startNameserver((asked) => [
      replyTo(asked, {
        answer: [
          { name: 'WWW.Example.test', type: 'CNAME', class: 'IN', ttl: 60, data: 'Web.example.test' },
          { name: 'Web.example.test', type: 'A', class: 'IN', ttl: 60, data: '192.0.2.1' },
        ],
      }),
    ]);
    expect(await read(server)).to.deep.equal({
      zone,
      records: [{ name, type: 'CNAME', ttl: 60, data: 'Web.example.test' }],
    });
  });

  it('tells no record from no zone and from no answer', async () => {
    await using none = await startNameserver(saying(3));
    expect(await read(none)).to.deep.equal({ zone, records: [] });
    await using refusing = await startNameserver(saying(5));
    expect(await failure(read(refusing))).to.match(
      /has no zone in which www\.example\.test could be \(REFUSED\)\.$/,
    );
    await using ill = await startNameserver(saying(2));
    expect(await failure(read(ill))).to.match(/cannot tell of www\.example\.test \(SERVFAIL\)\.$/);
  });

  it('takes nothing from what only asks others', async () => {
    for (const answer of [[], [{ ...record, class: 'IN' as const }]]) {
      await using cache = await startNameserver((asked) => [replyTo(asked, { isCached: true, answer })]);
      expect(await failure(read(cache))).to.match(/does not keep the zone of www\.example\.test itself\.$/);
    }
  });

  it('does not find a server without an address', async () => {
    const service = { provider: 'rfc2136', server: 'no-such-host.invalid' } as const;
    const query = { service, zone, name, type: 'A' } as const;
    expect(await failure(readRecords(query, patience))).to.equal(
      'The nameserver no-such-host.invalid cannot be found: its name has no address.',
    );
  });
});

describe('changing a zone', () => {
  it('sends one message, of which nothing is done twice', async () => {
    await using server = await startNameserver((asked) => (asked.count === 1 ? [] : [replyTo(asked)]));
    expect(await change(server)).to.deep.equal({ became: 'done' });
  });

  it('asks nothing where nothing is to change', async () => {
    await using server = await startNameserver(() => []);
    expect(await change(server, { add: [] })).to.deep.equal({ became: 'done' });
    expect(server.asked).to.deep.equal([]);
  });

  it('looks whether it was done where the answer was lost and now there is something in the way', async () => {
    function answering(there: readonly DnsRecord[]) {
      return startNameserver((asked) => {
        if (asked.count === 1) return [];
        if (asked.message.question?.type === 'SOA') return [replyTo(asked, { rcode: 6 })];
        const answer = there.map((one) => ({ ...one, class: 'IN' as const }));
        return [replyTo(asked, { answer })];
      });
    }
    const conditions = [{ name }];
    await using done = await answering([{ ...record, type: 'CNAME', data: 'a.test' }]);
    const alias: DnsRecord = { ...record, type: 'CNAME', data: 'A.test' };
    expect(await change(done, { add: [alias], conditions })).to.deep.equal({ became: 'done' });
    await using other = await answering([]);
    expect((await change(other, { add: [alias], conditions })).became).to.equal('failed');
  });

  it('says why it was not made, with what can be done', async () => {
    const cases: readonly (readonly [number, RegExp])[] = [
      [2, /could not change the zone example\.test \(SERVFAIL\), several times\.$/],
      [4, /takes no dynamic updates \(NOTIMP\)\.$/],
      [5, /refuses changes of the zone example\.test by anybody without a key \(REFUSED\)\.$/],
      [6, /^www\.example\.test is an alias \(CNAME\), beside which there can be no other record\.$/],
      [
        9,
        /is not the primary of the zone example\.test, or takes no changes by anybody without a key \(NOTAUTH\)\.$/,
      ],
      [10, /says that the name is not in the zone example\.test \(NOTZONE\)\.$/],
      [1, /did not change the zone example\.test \(FORMERR\)\.$/],
    ];
    for (const [rcode, text] of cases) {
      await using server = await startNameserver(saying(rcode));
      const done = await change(server, { conditions: [{ name, type: 'CNAME' }] });
      expect(done.became).to.equal('failed');
      expect(done.became === 'failed' && done.reason).to.match(text);
    }
  });

  it('says so where the change is too large for one message', async () => {
    await using server = await startNameserver(saying(0));
    const data = Array.from({ length: 300 }, () => `"${'x'.repeat(255)}"`).join(' ');
    const done = await change(server, { add: [{ ...record, type: 'TXT', data }] });
    expect(done.became === 'failed' && done.reason).to.match(/too large for one message/);
    expect(server.asked).to.deep.equal([]);
  });
});

describe('finding the zone', () => {
  /** What BIND 9.18 answers to the question for the SOA record of www.example.test: that of the zone. */
  const soa = Buffer.from(
    'c66b8400000100000001000003777777076578616d706c6504746573740000060001c010000600010000003c0021026e73c0100561646d696ec0100000000100000e1000000258000151800000003c',
    'hex',
  );

  it('goes by the SOA record that stands beside the answer', async () => {
    await using server = await startNameserver((asked) => {
      if (asked.message.question?.type !== 'SOA') return [replyTo(asked, { rcode: 3 })];
      const reply = Buffer.from(soa);
      reply.writeUInt16BE(asked.message.id, 0);
      return [reply];
    });
    const query = { service: serviceOf(server), name, type: 'A' } as const;
    expect(await readRecords(query, patience)).to.deep.equal({ zone, records: [] });
  });

  it('tells a delegation', async () => {
    const away = [{ name, type: 'NS', class: 'IN', ttl: 60, data: 'ns.www.example.test' }] as const;
    await using server = await startNameserver((asked) => [
      replyTo(asked, { isCached: true, authority: away }),
    ]);
    const query = { service: serviceOf(server), name: `a.${name}`, type: 'A' } as const;
    expect(await failure(readRecords(query, patience))).to.match(
      /^a\.www\.example\.test is not kept by the nameserver .*: www\.example\.test is delegated to others\.$/,
    );
  });
});
