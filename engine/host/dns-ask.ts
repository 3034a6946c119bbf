/** Asks one nameserver: by UDP, by TCP where the answer is too long, again where none comes, and only believes what is signed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DnsKey } from '../core/dns.ts';
import { type InMessage, type OutMessage, packMessage, unpackMessage } from '../core/dns-message.ts';
import { HostTrouble } from '../core/host.ts';
import { sign, type Verdict, verify } from './dns-tsig.ts';
import { codeOf } from './trouble.ts';

/** What passes everywhere unfragmented: https://www.dnsflagday.net/2020/. */
export const mostByUdp = 1232;

export interface Nameserver {
  /** As the user named it. */
  readonly title: string;
  /** At least one. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface Patience {
  /** Seconds that each attempt waits. */
  readonly attempts: readonly number[];
  /** What ended the run from outside; then it is not asked again. */
  stoppedBy?(): string | undefined;
  /** Servers that did not answer before: each address gets one attempt, so that many states do not wait in vain for each. */
  readonly silent?: Set<string>;
}

export interface Answered {
  readonly message: InMessage;
  /** An earlier attempt got no answer, and may all the same have been heard. */
  readonly inDoubt: boolean;
}

interface Question {
  readonly packet: Buffer;
  /** What is said of messages that are no answer. */
  readonly strange: string;
  /** Undefined: not an answer to this, whoever sent it. */
  accept(bytes: Buffer): Reply | undefined;
}

interface Reply {
  readonly message: InMessage;
  readonly verdict: Verdict;
}

type Attempt = Reply | { readonly silent: string };

/** Throws HostTrouble where no answer comes, or none that can be believed. */
export async function askServer(
  server: Nameserver,
  request: Omit<OutMessage, 'id'>,
  key: DnsKey | undefined,
  patience: Patience,
): Promise<Answered> {
  let silent = '';
  let inDoubt = false;
  const once = patience.silent?.has(server.title);
  const attempts = once ? patience.attempts.slice(0, server.addresses.length) : patience.attempts;
  for (const [index, most] of attempts.entries()) {
    const address = server.addresses[index % server.addresses.length]!;
    // Not all in the same moment, where many nodes were turned away together.
    const seconds = most * (0.75 + Math.random() / 2);
    const began = performance.now();
    const attempt = await ask(address, server.port, request, key, seconds);
    if (!('silent' in attempt)) {
      patience.silent?.delete(server.title);
      const temporary = attempt.message.rcode === 'SERVFAIL' && index < attempts.length - 1;
      if (!temporary) return { message: believed(attempt, server, key), inDoubt };
    } else {
      silent = attempt.silent;
      inDoubt = true;
    }
    if (patience.stoppedBy?.() !== undefined) break;
    if (index < attempts.length - 1)
      await pause(Math.max(0, (seconds / 2) * 1000 - (performance.now() - began)));
  }
  patience.silent?.add(server.title);
  throw new HostTrouble(
    `The nameserver ${server.title} does not answer: ${silent || 'the run was stopped'}.`,
    'Check that it runs, and that it can be reached by UDP and TCP from here.',
  );
}

async function ask(
  address: string,
  port: number,
  request: Omit<OutMessage, 'id'>,
  key: DnsKey | undefined,
  seconds: number,
): Promise<Attempt> {
  const question = questionOf(request, key);
  const attempt = async (by: typeof overUdp): Promise<Attempt> => {
    try {
      return await by(question, address, port, seconds);
    } catch (error) {
      return { silent: phrases[codeOf(error) ?? ''] ?? (error as Error).message };
    }
  };
  if (question.packet.length > mostByUdp) return await attempt(overTcp);
  const reply = await attempt(overUdp);
  return !('silent' in reply) && reply.message.isTruncated ? await attempt(overTcp) : reply;
}

const phrases: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EADDRNOTAVAIL: 'no route to the network',
  EINVAL: 'no route to the network',
};

function questionOf(request: Omit<OutMessage, 'id'>, key: DnsKey | undefined): Question {
  const { randomInt } = process.getBuiltinModule('node:crypto');
  const id = randomInt(0x1_0000);
  const unsigned = packMessage({ ...request, id });
  const signed = key && sign(unsigned, key, Date.now() / 1000);
  return {
    packet: signed?.message ?? unsigned,
    strange: key ? 'what came is not signed by the key' : 'what came is no answer',
    accept(bytes) {
      const message = unpackMessage(bytes);
      if (message === undefined || message.id !== id || !message.isResponse) return undefined;
      const { question } = message;
      // Errors may leave out the question, and so may answers to updates (RFC 2136, 3.8).
      if (question && question.name !== request.question.name) return undefined;
      if (!key || !signed) return { message, verdict: { is: 'good' } };
      const verdict = verify(bytes, message, { key, requestMac: signed.mac, now: Date.now() / 1000 });
      // Whoever forges an answer must not keep the true one from being heard.
      if (verdict.is === 'wrong') return undefined;
      if (verdict.is === 'unsigned' && message.rcode === 'NOERROR' && !message.isTruncated) return undefined;
      return { message, verdict };
    },
  };
}

function overUdp(question: Question, address: string, port: number, seconds: number): Promise<Attempt> {
  const dgram = process.getBuiltinModule('node:dgram');
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    let strange = false;
    const timer = setTimeout(
      () => finish(() => resolve({ silent: strange ? question.strange : 'no answer' })),
      seconds * 1000,
    );
    function finish(settle: () => void): void {
      clearTimeout(timer);
      socket.removeAllListeners();
      // What is still to come of a socket that is closed is nobody's business.
      socket.on('error', () => {});
      socket.close();
      settle();
    }
    socket.once('error', (error) => finish(() => reject(error)));
    socket.on('message', (bytes) => {
      const reply = question.accept(bytes);
      if (reply === undefined) strange = true;
      else finish(() => resolve(reply));
    });
    // Connected: the kernel drops what others send. By the event, since a callback would have to take the errors.
    socket.once('connect', () => socket.send(question.packet));
    socket.connect(port, address);
  });
}

/** RFC 7766: two bytes of length before each message. */
function overTcp(question: Question, address: string, port: number, seconds: number): Promise<Attempt> {
  const net = process.getBuiltinModule('node:net');
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port });
    const parts: Buffer[] = [];
    const timer = setTimeout(() => finish(() => resolve({ silent: 'no answer by TCP' })), seconds * 1000);
    function finish(settle: () => void): void {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      settle();
    }
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('end', () => finish(() => resolve({ silent: 'the connection was cut' })));
    socket.once('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(question.packet.length);
      socket.write(Buffer.concat([length, question.packet]));
    });
    socket.on('data', (part) => {
      parts.push(part);
      const all = Buffer.concat(parts);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      const reply = question.accept(all.subarray(2, 2 + all.readUInt16BE(0)));
      finish(() => resolve(reply ?? { silent: question.strange }));
    });
  });
}

/** The message, unless it says that our signature is worth nothing. */
function believed({ message, verdict }: Reply, { title }: Nameserver, key: DnsKey | undefined): InMessage {
  if (verdict.is !== 'rejected') return message;
  switch (verdict.error) {
    case 'BADKEY':
      throw new HostTrouble(
        `The nameserver ${title} does not know the key "${key!.name}" of ${key!.algorithm} (BADKEY).`,
        'Name and algorithm have to be those of the key in its configuration.',
      );
    case 'BADSIG':
      throw new HostTrouble(
        `The nameserver ${title} does not accept the signature by the key "${key!.name}" (BADSIG).`,
        'The secret is not the one of that key in its configuration.',
      );
    case 'BADTIME':
      throw new HostTrouble(
        `The nameserver ${title} does not accept the time of the signature (BADTIME)${skew(verdict.serverTime)}.`,
        'Set the clocks, for instance by chrony or systemd-timesyncd: they may differ by five minutes.',
      );
    default:
      throw new HostTrouble(
        `The nameserver ${title} does not accept the signature by the key "${key!.name}" (error ${verdict.error}).`,
      );
  }
}

function skew(serverTime: number | undefined): string {
  if (serverTime === undefined) return '';
  const seconds = Math.round(Date.now() / 1000 - serverTime);
  const span = Math.abs(seconds);
  const [size, unit] = span < 7200 ? [Math.round(span / 60), 'minutes'] : [Math.round(span / 3600), 'hours'];
  return `: the clock of this machine is ${size} ${unit} ${seconds > 0 ? 'ahead' : 'behind'}`;
}
