/** Finds the members of a service by its SRV records, with what was known before where the DNS does not say. */
import {
  type Answer,
  type Caution,
  type Finding,
  type Findings,
  type Known,
  type Member,
  membersOf,
  observe,
} from '../core/discovery.ts';
import { isInternal } from './sides.ts';

export interface Resolver {
  readonly name: string;
  /** Never rejects. */
  ask(name: string, type: 'SRV' | 'A' | 'AAAA'): Promise<Answer>;
}

/** This node, by which it finds itself among the members. */
export interface Self {
  readonly id: string;
  /** Of all its interfaces, without those of loopback. */
  readonly addresses: readonly string[];
}

export interface DiscoveryOptions {
  readonly self: Self;
  readonly resolvers: readonly Resolver[];
  readonly caution: Caution;
  /** Seconds between two questions for the same, at least. */
  readonly interval: number;
  readonly findings: Findings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Service {
  /** `_app._tcp.example.org`. */
  readonly name: string;
  readonly members: readonly Member[];
  /** Place of this node among the members, from 0; -1: it is none of them. */
  readonly index: number;
  /** No record was ever seen: this node is the first, and the only member. */
  readonly alone: boolean;
}

/** What one question brought. */
export interface Inquiry {
  readonly question: string;
  readonly answers: readonly Answer[];
  readonly finding: Finding;
}

export interface Discovery {
  service(name: string): Promise<Service>;
  /** What is known by now, for the next run. */
  findings(): Findings;
  /** Names of the services that were asked for. */
  asked(): readonly string[];
  /** What was asked since the beginning, in order. */
  readonly inquiries: readonly Inquiry[];
}

/** Seconds that addresses are believed at most, whatever their TTL. */
const longest = 3600;
/** Questions that are under way at the same time. */
const width = 64;

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { self, resolvers, caution, interval, now } = options;
  const findings = new Map(options.findings);
  const inquiries: Inquiry[] = [];
  const services = new Map<string, Promise<Service>>();

  function keep(question: string, answers: readonly Answer[], least: number, pause: number): Finding {
    const before = findings.get(question);
    const known = answers.reduce<readonly Known[]>(
      (all, answer) => observe(all, answer, { ...caution, least }, resolvers.length),
      before?.known ?? [],
    );
    const said = answers.some(({ records }) => records !== undefined);
    const finding: Finding = {
      known,
      due: now() + pause * 1000,
      ...(said ? { answered: now() } : before?.answered === undefined ? {} : { answered: before.answered }),
    };
    findings.set(question, finding);
    inquiries.push({ question, answers, finding });
    return finding;
  }

  function isFresh(question: string): boolean {
    return (findings.get(question)?.due ?? 0) > now();
  }

  async function askService(name: string): Promise<void> {
    const question = `SRV ${name}`;
    if (isFresh(question)) return;
    const answers = await Promise.all(resolvers.map((resolver) => resolver.ask(name, 'SRV')));
    // What comes from the zone itself may be asked for at any time; others would only repeat themselves.
    const ttl = answers.some(({ authoritative }) => authoritative) ? 0 : shortestTtl(answers);
    keep(question, answers, caution.least, Math.max(interval, ttl));
  }

  /** One resolver will do, unless it misses something. */
  async function askAddress(name: string, type: 'A' | 'AAAA'): Promise<void> {
    const question = `${type} ${name}`;
    if (isFresh(question)) return;
    const known = findings.get(question)?.known ?? [];
    const answers: Answer[] = [];
    for (const resolver of resolvers) {
      const answer = await resolver.ask(name, type);
      answers.push(answer);
      const { records } = answer;
      if (records && known.every(({ record }) => records.includes(record))) break;
    }
    keep(question, answers, 0, Math.min(longest, Math.max(interval, shortestTtl(answers))));
  }

  function addressesOf(name: string): Known[] {
    return (['A', 'AAAA'] as const).flatMap((type) => [...(findings.get(`${type} ${name}`)?.known ?? [])]);
  }

  async function find(name: string): Promise<Service> {
    await askService(name);
    const known = findings.get(`SRV ${name}`)?.known ?? [];
    await inParallel(addressQuestions(known), ([one, type]) => askAddress(one, type));
    const members = membersOf(known, addressesOf);
    if (members.length === 0) return { name, members: [alone(self)], index: 0, alone: true };
    return { name, members, index: placeOf(self, members), alone: false };
  }

  return {
    service(name) {
      const known = services.get(name) ?? find(name);
      services.set(name, known);
      return known;
    },
    findings: () => inUse(findings),
    asked: () => [...services.keys()],
    inquiries,
  };
}

/** Seconds; 0 where no answer says anything. */
function shortestTtl(answers: readonly Answer[]): number {
  const ttls = answers.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]));
  return ttls.length === 0 ? 0 : Math.min(...ttls);
}

async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  async function worker(): Promise<void> {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one);
  }
  await Promise.all(Array.from({ length: Math.min(width, left.length) }, worker));
}

function addressQuestions(services: readonly Known[]): (readonly [name: string, type: 'A' | 'AAAA'])[] {
  const targets = [...new Set(membersOf(services, () => []).map(({ target }) => target))];
  const names = targets.flatMap((target) => [target, `internal.${target}`]);
  return names.flatMap((name) => (['A', 'AAAA'] as const).map((type) => [name, type] as const));
}

/** Without addresses of hosts that no service has any more. */
function inUse(findings: Findings): Findings {
  const services = [...findings].filter(([question]) => question.startsWith('SRV '));
  const hosts = new Set(
    services.flatMap(([, { known }]) => addressQuestions(known).map(([name, type]) => `${type} ${name}`)),
  );
  return new Map([...findings].filter(([question]) => question.startsWith('SRV ') || hosts.has(question)));
}

/** By its name, else by an address: several nodes may have a floating one. */
function placeOf(self: Self, members: readonly Member[]): number {
  const id = self.id.toLowerCase();
  const named = members.findIndex(
    ({ target }) => target === id || (!id.includes('.') && target.startsWith(`${id}.`)),
  );
  if (named >= 0) return named;
  return members.findIndex(({ addresses, internal }) =>
    [...addresses, ...internal].some((address) => self.addresses.includes(address)),
  );
}

/** The node itself, as its records would tell of it. */
function alone({ id, addresses }: Self): Member {
  const own = addresses.filter((address) => !isInternal(address));
  const internal = addresses.filter(isInternal);
  return { target: id, port: 0, priority: 0, weight: 0, addresses: own, internal };
}
