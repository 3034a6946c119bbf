/** Asks resolvers of the DNS directly, past the caches of this machine, and tells an answer from a mishap. */
import type { Answer } from '../core/discovery.ts';
import type { InMessage, InRecord } from '../core/dns-message.ts';
import { canonicalName, domainName } from '../core/dns-name.ts';
import { HostTrouble } from '../core/host.ts';
import { askServer, mostByUdp, type Nameserver } from './dns-ask.ts';
import { nameserver, ownResolvers } from './nameserver.ts';

export type AskedType = 'SRV' | 'A' | 'AAAA';

export interface Resolver {
  /** As the user names it. */
  readonly name: string;
  /** Never rejects: what goes wrong is an answer that says nothing. */
  ask(name: string, type: AskedType): Promise<Answer>;
}

export interface ResolverOptions {
  /** Seconds that the first of two attempts waits; the second waits twice as long. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Those of the machine (/etc/resolv.conf) where none are named. */
export function createResolvers(
  names: readonly string[],
  { timeout, now }: ResolverOptions,
): readonly Resolver[] {
  const all = names.length > 0 ? names : ownResolvers();
  return all.map((name) => {
    let server: Promise<Nameserver> | undefined;
    return {
      name,
      async ask(asked, type) {
        const said = (more: Partial<Answer>): Answer => ({ resolver: name, at: now(), ...more });
        try {
          server ??= nameserver(name);
          const { message } = await askServer(
            await server,
            { opcode: 'QUERY', recursive: true, question: { name: asked, type }, payload: mostByUdp },
            undefined,
            { attempts: [timeout, timeout * 2] },
          );
          return said(read(message, asked, type));
        } catch (error) {
          if (!(error instanceof HostTrouble)) throw error;
          // It may be its name that has no address now.
          server = undefined;
          return said({ why: error.message.replace(/^The nameserver \S+ (does not answer: )?|\.$/g, '') });
        }
      },
    };
  });
}

function read(message: InMessage, name: string, type: AskedType): Partial<Answer> {
  if (message.isTruncated) return { why: 'the answer is cut off' };
  if (message.rcode !== 'NOERROR' && message.rcode !== 'NXDOMAIN') return { why: message.rcode };
  const found = followed(message.answer, name).filter((record) => record.type === type);
  if (found.length > 0) {
    const records = found.flatMap((record) => plausible(record, type));
    // Not one of them can be used: that is no reason to drop those that could.
    if (records.length === 0) return { why: 'its records make no sense' };
    return { records, ttl: Math.min(...found.map(({ ttl }) => ttl)), authoritative: message.isAuthoritative };
  }
  // Only the SOA record of the zone proves that there is nothing (RFC 2308, 2.2): a referral looks much the same.
  const soa = message.authority.find((record) => record.type === 'SOA');
  if (soa === undefined) return { why: 'empty, without a SOA record' };
  return { records: [], ttl: soa.ttl, authoritative: message.isAuthoritative };
}

/** The records of a name, or of the name it is an alias of. */
function followed(records: readonly InRecord[], asked: string): InRecord[] {
  let name = canonicalName(asked);
  for (let hops = 0; hops < 8; hops++) {
    const own = records.filter((record) => canonicalName(record.name) === name);
    const alias = own.find((record) => record.type === 'CNAME');
    if (!alias?.data) return own;
    name = canonicalName(alias.data);
  }
  return [];
}

/** Others write what stands in the DNS, and it ends up in configuration files: only host names are let through. */
function plausible({ data }: InRecord, type: AskedType): string[] {
  if (data === undefined) return [];
  if (type !== 'SRV') return [data];
  const [priority, weight, port, target] = data.split(' ') as [string, string, string, string];
  if (target === '.') return [data];
  const host = domainName(target);
  return host && /^[a-z0-9.-]+$/.test(host) ? [`${priority} ${weight} ${port} ${host}`] : [];
}
