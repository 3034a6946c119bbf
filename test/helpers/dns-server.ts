/** A DNS server on loopback that says what it is told to, right or wrong. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { packData, type RecordType } from '../../engine/core/dns-data.ts';
import { unpackMessage } from '../../engine/core/dns-message.ts';
import { packName } from '../../engine/core/dns-name.ts';

const types = { A: 1, CNAME: 5, SOA: 6, AAAA: 28, SRV: 33 } as const;
export const soa = ['example.org', 'SOA', 'ns.example.org host.example.org 1 2 3 4 5'] as const;

export type Row = readonly [name: string, type: keyof typeof types, data: string, ttl?: number];

export interface Reply {
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

export function message(query: Buffer, reply: Reply): Buffer {
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

export interface DnsServer extends AsyncDisposable {
  /** As a resolver is named: `127.0.0.1:PORT`. */
  readonly name: string;
}

/** What to say to a question; undefined: nothing. */
export type Saying = (
  question: { readonly name: string; readonly type: string },
  by: 'udp' | 'tcp',
) => Reply | undefined;

/** What is free for TCP may be taken for UDP: then another one is tried. */
async function onOnePort(stream: Server): Promise<{ readonly socket: Socket; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    stream.listen(0, '127.0.0.1');
    await once(stream, 'listening');
    const { port } = stream.address() as AddressInfo;
    const socket = createSocket('udp4');
    try {
      socket.bind(port, '127.0.0.1');
      await once(socket, 'listening');
      return { socket, port };
    } catch (error) {
      if (attempt === 20) throw error;
      stream.close();
      await once(stream, 'close');
    }
  }
}

/** Answers by UDP, and by TCP on the same port. */
export async function dnsServer(say: Saying): Promise<DnsServer> {
  function answer(query: Buffer, by: 'udp' | 'tcp'): Buffer | undefined {
    const question = unpackMessage(query)?.question;
    const reply = question && say(question, by);
    return reply && message(query, reply);
  }
  const stream = createServer((connection) => {
    connection.on('error', () => {});
    connection.once('data', (bytes) => {
      const said = answer(bytes.subarray(2), 'tcp');
      if (!said) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(said.length);
      connection.end(Buffer.concat([length, said]));
    });
  });
  const { socket, port } = await onOnePort(stream);
  socket.on('message', (query, { port: to, address }) => {
    const said = answer(query, 'udp');
    if (said) socket.send(said, to, address);
  });
  return {
    name: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve));
      await new Promise<void>((resolve) => {
        stream.close(() => resolve());
      });
    },
  };
}
