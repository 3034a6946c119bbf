/** Shows an authority that names are ours: records of the DNS, or files of a web server; and takes them away again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AcmeChallenge } from '../core/acme.ts';
import type { DnsRecord } from '../core/dns.ts';
import { textData } from '../core/dns-data.ts';
import { HostTrouble } from '../core/host.ts';
import type { Means } from './acme-order.ts';
import { AcmeTrouble } from './acme-trouble.ts';
import { changeRecords, readRecords } from './dns.ts';
import { askServer, mostByUdp, type Nameserver } from './dns-ask.ts';
import { nameserver } from './nameserver.ts';

export interface Proof {
  /** Without `*.`. */
  readonly name: string;
  readonly token: string;
  /** What has to be shown. */
  readonly answer: string;
}

export interface Shown {
  /** Returns when whoever asks will see it. */
  show(): Promise<void>;
  /** As much of it as was shown. Never throws. */
  hide(): Promise<void>;
}

export function proofsOf(challenge: AcmeChallenge, proofs: readonly Proof[], means: Means): Shown {
  return challenge.type === 'dns-01' ? records(challenge, proofs, means) : files(challenge, proofs, means);
}

type Dns = Extract<AcmeChallenge, { type: 'dns-01' }>;

interface Placed {
  readonly zone: string;
  readonly record: DnsRecord;
}

/** Seconds; Cloudflare takes nothing shorter. */
const ttl = 60;
/** Seconds after which a nameserver that says nothing at all is not waited for. */
const silence = 15;
const mostAliases = 8;

function records(challenge: Dns, proofs: readonly Proof[], means: Means): Shown {
  const placed: Placed[] = [];
  const { service } = challenge;
  return {
    async show() {
      for (const { name, answer } of proofs) {
        const one = await placeOf(challenge, `_acme-challenge.${name}`, answer, means);
        placed.push(one);
        const effect = { kind: 'dns', service, zone: one.zone, add: [one.record], remove: [] } as const;
        const done = await changeRecords(effect, means.dns);
        if (done.became === 'failed') throw new HostTrouble(done.reason, done.hint);
      }
      const zones = Map.groupBy(placed, ({ zone }) => zone);
      for (const [zone, all] of zones) {
        const servers = await serversOf(challenge, zone, means);
        const seen = servers.map((server) => seenBy(server, all, challenge, means));
        await Promise.all(seen);
      }
    },
    async hide() {
      for (const { zone, record } of placed) {
        const effect = { kind: 'dns', service, zone, add: [], remove: [record] } as const;
        // The order is through, or has failed for a reason of its own; what stays there does no harm.
        await changeRecords(effect, means.dns).catch(() => {});
      }
    },
  };
}

/** The name may be an alias of one in a zone that is made for this (RFC 8555, 8.4). */
async function placeOf(challenge: Dns, name: string, answer: string, means: Means): Promise<Placed> {
  let now = name;
  let given = challenge.zone;
  for (let hops = 0; hops < mostAliases; hops++) {
    const query = { service: challenge.service, name: now, type: 'TXT' } as const;
    const found = await readRecords(given === undefined ? query : { ...query, zone: given }, means.dns);
    const alias = found.records.find(({ type }) => type === 'CNAME');
    if (alias === undefined) {
      const data = textData([Buffer.from(answer)]);
      return { zone: found.zone, record: { name: now, type: 'TXT', ttl, data } };
    }
    now = alias.data.toLowerCase();
    given = undefined;
  }
  throw new AcmeTrouble(`${name} is an alias of an alias, without end.`);
}

/** All nameservers of the zone: an authority may ask any. */
async function serversOf(
  { service, nameservers }: Dns,
  zone: string,
  means: Means,
): Promise<readonly Nameserver[]> {
  if (nameservers) return await Promise.all(nameservers.map(nameserver));
  const names =
    service.provider === 'rfc2136'
      ? (await readRecords({ service, zone, name: zone, type: 'NS' }, means.dns)).records.map(
          ({ data }) => data,
        )
      : await new (process.getBuiltinModule('node:dns').promises.Resolver)().resolveNs(zone).catch(() => []);
  const found = await Promise.all(names.map((name) => nameserver(name).catch(() => undefined)));
  const known = found.filter((one) => one !== undefined);
  const own = service.provider === 'rfc2136' ? service.server : undefined;
  return known.length === 0 && own !== undefined ? [await nameserver(own)] : known;
}

/** Waits until it answers with all records of the zone. */
async function seenBy(
  server: Nameserver,
  placed: readonly Placed[],
  { patience }: Dns,
  { stoppedBy }: Means,
): Promise<void> {
  const began = performance.now();
  const left = new Set(placed);
  for (let spell = 50; ; spell = Math.min(spell * 1.5, 2000)) {
    let silent = false;
    for (const one of left) {
      const has = await answersWith(server, one.record);
      if (has) left.delete(one);
      silent ||= has === undefined;
    }
    if (left.size === 0) return;
    const seconds = (performance.now() - began) / 1000;
    if (silent && seconds > silence) return;
    if (seconds > patience || stoppedBy?.() !== undefined) {
      const [first] = left;
      throw new AcmeTrouble(
        `The nameserver ${server.title} does not answer with the record of ${first!.record.name} after ${Math.round(seconds)} seconds.`,
        'Check that changes of the zone reach all its nameservers.',
      );
    }
    await pause(spell);
  }
}

/** Undefined: it says nothing. */
async function answersWith(server: Nameserver, { name, data }: DnsRecord): Promise<boolean | undefined> {
  const question = { name, type: 'TXT' } as const;
  const request = { opcode: 'QUERY', question, payload: mostByUdp } as const;
  try {
    const { message } = await askServer(server, request, undefined, { attempts: [1] });
    return message.answer.some((record) => record.type === 'TXT' && record.data === data);
  } catch (error) {
    if (error instanceof HostTrouble) return undefined;
    throw error;
  }
}

const wellKnown = ['.well-known', 'acme-challenge'] as const;

/** RFC 8555, 8.3. */
function files(
  { webroot }: Extract<AcmeChallenge, { type: 'http-01' }>,
  proofs: readonly Proof[],
  means: Means,
): Shown {
  const written: string[] = [];
  async function keep(effect: Parameters<Means['keep']>[0]): Promise<void> {
    const done = await means.keep(effect);
    if (done.became === 'failed') throw new HostTrouble(done.reason, done.hint);
  }
  return {
    async show() {
      let folder = webroot;
      for (const part of wellKnown) {
        folder = `${folder}/${part}`;
        if (means.files.stat(folder) === undefined)
          await keep({ kind: 'directory', path: folder, mode: 0o755 });
      }
      for (const { token, answer } of proofs) {
        // It becomes the name of a file.
        if (!/^[\w-]+$/.test(token)) throw new AcmeTrouble('The authority sent a token that is none.');
        const path = `${folder}/${token}`;
        written.push(path);
        await keep({ kind: 'write', path, content: Buffer.from(answer), mode: 0o644 });
      }
    },
    async hide() {
      for (const path of written) await means.keep({ kind: 'remove', path });
    },
  };
}
