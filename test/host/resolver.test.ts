/** Answers of resolvers, and all that only looks like one, from a server on loopback that says what it is told to. */
import { expect } from 'chai';
import { unpackMessage } from '../../engine/core/dns-message.ts';
import { packName } from '../../engine/core/dns-name.ts';
import { createResolvers, type Resolver } from '../../engine/host/resolver.ts';
import { dnsServer, message, type Reply, type Row, soa } from '../helpers/dns-server.ts';

interface Server extends AsyncDisposable {
  readonly resolver: Resolver;
}

/** Undefined: it keeps silent. */
async function server(udp: Reply | undefined, tcp: Reply | undefined = udp): Promise<Server> {
  const there = await dnsServer((_, by) => (by === 'udp' ? udp : tcp));
  const [resolver] = createResolvers([there.name], { timeout: 0.2, now: () => 7 });
  return { resolver: resolver!, [Symbol.asyncDispose]: () => there[Symbol.asyncDispose]() };
}

const name = '_app._tcp.example.org';
const srv: Row = [name, 'SRV', '10 5 443 app1.example.org', 300];

describe('resolver', () => {
  it('understands what this test sends', () => {
    const query = Buffer.concat([
      Buffer.from('abcd01000001000000000000', 'hex'),
      packName(name)!,
      Buffer.from('00210001', 'hex'),
    ]);
    const read = unpackMessage(message(query, { answer: [srv], authority: [soa] }));
    expect(read).to.deep.include({ id: 0xabcd, rcode: 'NOERROR', isAuthoritative: true });
    expect(read?.answer[0]).to.deep.include({ type: 'SRV', data: '10 5 443 app1.example.org' });
    expect(read?.authority[0]?.type).to.equal('SOA');
  });

  it('takes records, with the shortest TTL', async () => {
    await using there = await server({ answer: [srv, [name, 'SRV', '20 5 443 APP2.example.org', 60]] });
    expect(await there.resolver.ask(name, 'SRV')).to.deep.equal({
      resolver: there.resolver.name,
      at: 7,
      records: ['10 5 443 app1.example.org', '20 5 443 app2.example.org'],
      ttl: 60,
      authoritative: true,
    });
  });

  it('follows an alias', async () => {
    await using there = await server({
      answer: [
        ['app.example.org', 'CNAME', 'app1.example.org'],
        ['app1.example.org', 'A', '192.0.2.1'],
      ],
    });
    expect((await there.resolver.ask('app.example.org', 'A')).records).to.deep.equal(['192.0.2.1']);
  });

  it('asks by TCP for what is too long', async () => {
    const many = Array.from({ length: 200 }, (_, n): Row => [name, 'SRV', `10 5 443 app${n}.example.org`]);
    await using there = await server({ truncated: true }, { answer: many });
    expect((await there.resolver.ask(name, 'SRV')).records).to.have.lengthOf(200);
  });

  it('believes that there is nothing where the zone says so', async () => {
    for (const rcode of [0, 3]) {
      await using there = await server({ rcode, authority: [soa] });
      expect((await there.resolver.ask(name, 'SRV')).records).to.deep.equal([]);
    }
  });

  const mishaps: readonly (readonly [what: string, udp: Reply | undefined, why: string, tcp?: Reply])[] = [
    ['silence', undefined, 'no answer'],
    ['garbage', { raw: Buffer.from('garbage in, nothing out') }, 'what came is no answer'],
    ['half a message', { raw: Buffer.from('abcd8400', 'hex') }, 'what came is no answer'],
    ['SERVFAIL', { rcode: 2 }, 'SERVFAIL'],
    ['REFUSED', { rcode: 5 }, 'REFUSED'],
    ['an empty answer without proof', {}, 'empty, without a SOA record'],
    ['NXDOMAIN without proof', { rcode: 3 }, 'empty, without a SOA record'],
    [
      'records of another name',
      { answer: [['_db._tcp.example.org', 'SRV', '1 1 1 x.example.org']] },
      'empty, without a SOA record',
    ],
    ['an answer that is cut off by TCP, too', { truncated: true }, 'the answer is cut off'],
    [
      'targets that are no host names',
      { answer: [[name, 'SRV', '1 1 1 evil\\032\\034;.example.org']] },
      'its records make no sense',
    ],
    [
      'aliases in a circle',
      {
        answer: [
          ['a.example.org', 'CNAME', 'b.example.org'],
          ['b.example.org', 'CNAME', 'a.example.org'],
        ],
      },
      'empty, without a SOA record',
    ],
  ];
  for (const [what, udp, why] of mishaps) {
    it(`learns nothing from ${what}`, async () => {
      await using there = await server(udp);
      const answer = await there.resolver.ask(what.includes('circle') ? 'a.example.org' : name, 'SRV');
      expect(answer.records).to.equal(undefined);
      expect(answer.why).to.equal(why);
    });
  }

  it('leaves out a target that is no host name among others', async () => {
    await using there = await server({ answer: [srv, [name, 'SRV', '1 1 1 evil\\032name.example.org']] });
    expect((await there.resolver.ask(name, 'SRV')).records).to.deep.equal(['10 5 443 app1.example.org']);
  });

  it('learns nothing where nobody listens, or the resolver has no address', async () => {
    const [gone, nameless] = createResolvers(['127.0.0.1:1', 'nowhere.invalid'], {
      timeout: 0.1,
      now: () => 7,
    });
    expect((await gone!.ask(name, 'SRV')).why).to.equal('connection refused');
    expect((await nameless!.ask(name, 'SRV')).why).to.include('no address');
  });
});
