import { expect } from 'chai';
import type { DnsEffect, DnsRecord } from '../../engine/core/dns.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { type Nameserver, replyTo, startNameserver } from '../helpers/nameserver.ts';

const name = 'www.example.test';
const zone = 'example.test';
const record: DnsRecord = { name, type: 'A', ttl: 300, data: '192.0.2.1' };
const other: DnsRecord = { ...record, data: '192.0.2.2' };

/** Keeps nothing: has one address, whatever it is told. */
function startOne(): Promise<Nameserver> {
  return startNameserver((asked) => {
    const isUpdate = asked.message.question?.type === 'SOA';
    const answer = isUpdate ? [] : [{ ...record, class: 'IN' as const }];
    return [replyTo(asked, { answer })];
  });
}

function about({ address }: Nameserver) {
  return { service: { provider: 'rfc2136', server: address }, zone } as const;
}

function effectAt(server: Nameserver, more: Partial<DnsEffect>): DnsEffect {
  return { kind: 'dns', ...about(server), add: [], remove: [], ...more };
}

function host() {
  return createLocalHost({ timeouts: { dns: 0.1 } });
}

describe('records of the DNS', () => {
  it('are asked for once, until something is changed', async () => {
    await using server = await startOne();
    const local = host();
    const query = { ...about(server), name, type: 'A' } as const;
    await Promise.all([local.records(query), local.records(query)]);
    await local.records(query);
    expect(server.asked).to.have.length(1);
    await local.records({ ...query, type: 'AAAA' });
    expect(server.asked).to.have.length(2);
    expect(await local.perform(effectAt(server, { add: [other] }))).to.deep.equal({ became: 'done' });
    await local.records(query);
    expect(server.asked).to.have.length(4);
  });

  it('that cannot be changed are a failure of the effect', async () => {
    await using server = await startNameserver(() => []);
    const done = await host().perform(effectAt(server, { add: [other] }));
    expect(done.became).to.equal('failed');
  });

  it('are foretold in a dry run, which asks and changes nothing', async () => {
    await using server = await startOne();
    const dry = createOverlay(host());
    const query = { ...about(server), name, type: 'A' } as const;
    const alias: DnsRecord = { name, type: 'CNAME', ttl: 300, data: 'a.test' };
    const expected: readonly (readonly [Partial<DnsEffect>, readonly DnsRecord[]])[] = [
      [{}, [record]],
      [{ add: [other] }, [record, other]],
      // A set has one TTL.
      [
        { add: [{ ...other, ttl: 60 }] },
        [
          { ...record, ttl: 60 },
          { ...other, ttl: 60 },
        ],
      ],
      [{ remove: [record] }, [{ ...other, ttl: 60 }]],
      [{ remove: [other], add: [other] }, [other]],
      [{ remove: [other], add: [alias] }, [alias]],
      [{ add: [{ ...record, name: `a.${zone}` }] }, [alias]],
    ];
    for (const [more, records] of expected) {
      expect(await dry.perform(effectAt(server, more))).to.deep.equal({ became: 'predicted' });
      expect(await dry.records(query)).to.deep.equal({ zone, records });
    }
    expect(server.asked.every(({ message }) => message.question?.type === 'A')).to.equal(true);
  });

  it('of one server are not those of another', async () => {
    await using server = await startOne();
    await using second = await startOne();
    const dry = createOverlay(host());
    await dry.perform(effectAt(server, { add: [other] }));
    const query = { ...about(second), name, type: 'A' } as const;
    expect((await dry.records(query)).records).to.deep.equal([record]);
  });
});
