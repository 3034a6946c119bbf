/** Which records of the DNS count, out of answers that may be late, wrong or missing: no mishap takes one away. */

/** When a record that is no longer in the answers is dropped. All of it has to be so. */
export interface Caution {
  /** Answers without it in a row, of whatever resolver. */
  readonly answers: number;
  /** Resolvers that agree, or all of them where there are fewer. */
  readonly resolvers: number;
  /** Seconds from the first of these answers to the last. */
  readonly seconds: number;
  /** So many records are left in any case. */
  readonly least: number;
}

/** What one resolver said to one question. */
export interface Answer {
  readonly resolver: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The records as text, none of them where it is certain that there are none; undefined: it says nothing. */
  readonly records?: readonly string[];
  /** Seconds that it holds. */
  readonly ttl?: number;
  /** It comes from a nameserver of the zone itself, so it is as new as can be. */
  readonly authoritative?: boolean;
  /** Why it says nothing: `SERVFAIL`, `no answer`. */
  readonly why?: string;
}

/** A record that counts. Times are milliseconds since the epoch. */
export interface Known {
  readonly record: string;
  /** When it was first seen. */
  readonly since: number;
  /** When it was last seen. */
  readonly seen: number;
  /** It was not in any answer since then. */
  readonly missing?: Missing;
}

interface Missing {
  readonly since: number;
  readonly last: number;
  readonly answers: number;
  readonly resolvers: readonly string[];
}

/** What is known of one question. Times are milliseconds since the epoch. */
export interface Finding {
  readonly known: readonly Known[];
  /** When an answer last said something. */
  readonly answered?: number;
  /** Before that it need not be asked again. */
  readonly due: number;
}

/** Question (`SRV _app._tcp.example.org`) → what is known. */
export type Findings = ReadonlyMap<string, Finding>;

/** Takes an answer in; the same list where it changes nothing that counts. `asked`: how many resolvers there are. */
export function observe(
  known: readonly Known[],
  answer: Answer,
  caution: Caution,
  asked: number,
): readonly Known[] {
  const { records, at } = answer;
  if (records === undefined) return known;
  const there = new Set(records);
  const now = known.map((one) => (there.has(one.record) ? seenAgain(one, at) : missed(one, answer)));
  const old = new Set(known.map(({ record }) => record));
  for (const record of there) if (!old.has(record)) now.push({ record, since: at, seen: at });
  return withoutGone(now, caution, asked);
}

function seenAgain({ record, since }: Known, at: number): Known {
  return { record, since, seen: at };
}

function missed(one: Known, { resolver, at }: Answer): Known {
  const { missing } = one;
  if (!missing) return { ...one, missing: { since: at, last: at, answers: 1, resolvers: [resolver] } };
  const resolvers = missing.resolvers.includes(resolver)
    ? missing.resolvers
    : [...missing.resolvers, resolver];
  return { ...one, missing: { since: missing.since, last: at, answers: missing.answers + 1, resolvers } };
}

function withoutGone(known: readonly Known[], caution: Caution, asked: number): readonly Known[] {
  const gone = known.filter(({ missing }) => missing && isSure(missing, caution, asked));
  // Those that are missing longest go first.
  const spare = Math.max(0, known.length - caution.least);
  const dropped = new Set(gone.sort((a, b) => a.missing!.since - b.missing!.since).slice(0, spare));
  return dropped.size === 0 ? known : known.filter((one) => !dropped.has(one));
}

function isSure(missing: Missing, { answers, resolvers, seconds }: Caution, asked: number): boolean {
  return (
    missing.answers >= answers &&
    missing.resolvers.length >= Math.min(resolvers, asked) &&
    missing.last - missing.since >= seconds * 1000
  );
}

/** Why a record counts, as a sentence without its subject. */
export function standing({ missing, seen }: Known, caution: Caution, asked: number, now: number): string {
  if (!missing) return `seen ${ago(seen, now)}`;
  const heard = `missing in ${count(missing.answers, 'answer')} of ${count(missing.resolvers.length, 'resolver')} over ${Math.round((missing.last - missing.since) / 1000)} s`;
  if (isSure(missing, caution, asked))
    return `${heard}; kept, because at least ${caution.least} stay in any case`;
  const needed = `${count(caution.answers, 'answer')} of ${count(Math.min(caution.resolvers, asked), 'resolver')} over ${caution.seconds} s`;
  return `${heard}; kept until it is ${needed}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function ago(then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

/** The last of all priorities (RFC 2782) is that of a member that is about to leave, and holds what others want yet. */
export const leavingPriority = 65_535;

/** A host that offers a service. */
export interface Member {
  /** Its host name, without final dot. */
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  /** Addresses of its name, in order: IPv4 first. */
  readonly addresses: readonly string[];
  /** Addresses of its name with `internal.` before it: those of the private network. */
  readonly internal: readonly string[];
}

/** The members that the records tell of, by name and port. Of a host that changed its priority, the newest counts. */
export function membersOf(
  services: readonly Known[],
  addresses: (name: string) => readonly Known[],
): Member[] {
  const newest = new Map<string, { readonly since: number; readonly member: Member }>();
  for (const { record, since, missing } of services) {
    const fields = /^(\d+) (\d+) (\d+) (\S+)$/.exec(record);
    // A target of "." says that the service is decidedly not available there (RFC 2782).
    if (!fields || fields[4] === '.') continue;
    const target = fields[4]!.replace(/\.$/, '');
    const member: Member = {
      target,
      port: Number(fields[3]),
      priority: Number(fields[1]),
      weight: Number(fields[2]),
      addresses: inOrder(addresses(target)),
      internal: inOrder(addresses(`internal.${target}`)),
    };
    const key = `${target} ${member.port}`;
    const other = newest.get(key);
    // One that is about to go gives way to one that is there.
    const rank = missing ? since - Number.MAX_SAFE_INTEGER : since;
    if (!other || rank > other.since) newest.set(key, { since: rank, member });
  }
  return [...newest.values()]
    .map(({ member }) => member)
    .sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : a.port - b.port));
}

function inOrder(known: readonly Known[]): string[] {
  const isV6 = (address: string) => address.includes(':');
  return known
    .map(({ record }) => record)
    .sort((a, b) => Number(isV6(a)) - Number(isV6(b)) || (a < b ? -1 : a > b ? 1 : 0));
}
