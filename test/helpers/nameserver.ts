/** A nameserver that answers by UDP and TCP whatever a test wants: for what real ones cannot be had to do. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  type InMessage,
  type OutMessage,
  packMessage,
  unpackMessage,
} from '../../engine/core/dns-message.ts';

export interface Asked {
  readonly bytes: Buffer;
  readonly message: InMessage;
  readonly by: 'udp' | 'tcp';
  /** From 1. */
  readonly count: number;
}

export interface Nameserver extends AsyncDisposable {
  /** As `server` of a service. */
  readonly address: string;
  readonly port: number;
  readonly asked: readonly Asked[];
}

/** `answer` gives what is sent back, in that order; nothing: no answer. */
export async function startNameserver(answer: (asked: Asked) => readonly Buffer[]): Promise<Nameserver> {
  const asked: Asked[] = [];
  function answers(bytes: Buffer, by: Asked['by']): readonly Buffer[] {
    const one = { bytes, message: unpackMessage(bytes)!, by, count: asked.length + 1 };
    asked.push(one);
    return answer(one);
  }
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (part) => {
      const replies = answers(part.subarray(2), 'tcp');
      for (const reply of replies) {
        const framed = Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 255), reply]);
        // In two parts, as a network may deliver it.
        socket.write(framed.subarray(0, 3), () => socket.write(framed.subarray(3)));
      }
      if (replies.length === 0) socket.destroy();
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (bytes, { port: to, address }) => {
    for (const reply of answers(bytes, 'udp')) udp.send(reply, to, address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    address: `127.0.0.1:${port}`,
    port,
    asked,
    async [Symbol.asyncDispose]() {
      udp.close();
      tcp.close();
    },
  };
}

/** An answer to a question or a change; authoritative, and without error unless told. */
export function replyTo(
  { bytes, message }: Asked,
  told: {
    readonly rcode?: number;
    readonly id?: number;
    readonly isTruncated?: boolean;
    readonly isCached?: boolean;
  } & Partial<OutMessage> = {},
): Buffer {
  const { rcode = 0, id = message.id, isTruncated = false, isCached = false, ...rest } = told;
  const question = message.question as OutMessage['question'];
  const packed = packMessage({ id, opcode: 'QUERY', question, ...rest });
  const opcode = bytes.readUInt16BE(2) & 0x7800;
  packed.writeUInt16BE(0x8000 | opcode | (isCached ? 0 : 0x0400) | (isTruncated ? 0x0200 : 0) | rcode, 2);
  return packed;
}
