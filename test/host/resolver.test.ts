/** Answers of resolvers, and all that only looks like one, from a server on loopback that says what it is told to. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { packData, type RecordType } from '../../engine/core/dns-data.ts';
import { unpackMessage } from '../../engine/core/dns-message.ts';
import { packName } from '../../engine/core/dns-name.ts';
import { createResolvers, type Resolver } from '../../engine/host/resolver.ts';

const types = { A: 1, CNAME: 5, SOA: 6, AAAA: 28, SRV: 33 } as const;
const soa = ['example.org', 'SOA', 'ns.example.org host.example.org 1 2 3 4 5'] as const;

type Row = readonly [name: string, type: keyof typeof types, data: string, ttl?: number];

interface Reply {
  readonly rcode?: number;
  /** AA and TC bits. */
  readonly authoritative?: boolean;
  readonly truncated?: boolean;
  readonly answer?: readonly Row[];
  readonly authority?: readonly Row[];
  /** Sent instead of a message. */
  readonly raw?: Buffer;
}

function record([name, type, data, ttl = 60]: Row): Buffer {
  const rest = Buffer.alloc(10);
  const content = type === 'SOA' ? soaData(data) : packData(type as RecordType, data);
  rest.writeUInt16BE(types[type], 0);
  rest.writeUInt16BE(1, 2);
  rest.writeUInt32BE(ttl, 4);
  rest.writeUInt16BE(content.length, 8);
  return Buffer.concat([packName(name)!, rest, content]);
}

function soaData(text: string): Buffer {
  const [primary, mail, ...numbers] = text.split(' ') as [string, string, ...string[]];
  const tail = Buffer.alloc(20);
  for (const [place, number] of numbers.entries()) tail.writeUInt32BE(Number(number), place * 4);
  return Buffer.concat([packName(primary)!, packName(mail)!, tail]);
}

function message(query: Buffer, reply: Reply): Buffer {
  if (reply.raw) return reply.raw;
  const { rcode = 0, authoritative = true, truncated = false, answer = [], authority = [] } = reply;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8000 | (authoritative ? 0x0400 : 0) | (truncated ? 0x0200 : 0) | rcode, 2);
  for (const [place, count] of [1, answer.length, authority.length, 0].entries())
    header.writeUInt16BE(count, 4 + place * 2);
  let end = 12;
  while (query[end] !== 0) end += 1 + query[end]!;
  return Buffer.concat([header, query.subarray(12, end + 5), ...[...answer, ...authority].map(record)]);
}

interface Server extends AsyncDisposable {
  readonly resolver: Resolver;
}

/** Answers by UDP, and by TCP on the same port. Undefined: it keeps silent. */
async function server(udp: Reply | undefined, tcp: Reply | undefined = udp): Promise<Server> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    if (udp) socket.send(message(query, udp), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const stream = createServer((connection) => {
    connection.on('error', () => {});
    connection.once('data', (bytes) => {
      if (!tcp) return;
      const said = message(bytes.subarray(2), tcp);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(said.length);
      connection.end(Buffer.concat([length, said]));
    });
  });
  await new Promise<void>((resolve) => stream.listen(port, '127.0.0.1', resolve));
  const [resolver] = createResolvers([`127.0.0.1:${port}`], { timeout: 0.2, now: () => 7 });
  return {
    resolver: resolver!,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve));
      await new Promise<void>((resolve) => {
        stream.close(() => resolve());
      });
    },
  };
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
