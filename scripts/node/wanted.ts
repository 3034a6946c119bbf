/** What a node has to be told before it can converge, by its role. */
import { randomBytes } from 'node:crypto';
import { at, type Data, has, isMapping, type Mapping } from './data.ts';

export type Role = 'app' | 'db';

export interface Wanted {
  readonly path: string;
  readonly question: string;
  readonly secret: boolean;
  /** What an empty answer makes. */
  readonly make?: () => string;
  /** All nodes have the same: only the first one may make it. */
  readonly shared: boolean;
  /** Only nodes of this role have it; else all. */
  readonly among?: Role;
  /** The node does without it. */
  readonly optional?: boolean;
}

const hex = () => randomBytes(16).toString('hex');
const base64 = () => randomBytes(32).toString('base64');

function secret(path: string, question: string, rest: Partial<Wanted> = {}): Wanted {
  return { path, question, secret: true, shared: true, ...rest };
}

/** All that this role may have to be told, whether it was or not. */
function all(role: Role, pillar: Mapping): Wanted[] {
  const ofDns =
    at(pillar, 'dns:provider') === 'cloudflare'
      ? [secret('dns:token', 'Token of Cloudflare, that may edit the DNS of the domain')]
      : [
          {
            path: 'dns:key:name',
            question: 'Name of the TSIG key of the nameserver',
            secret: false,
            shared: true,
          },
          secret('dns:key:secret', 'The secret of that TSIG key (base64)'),
        ];
  const common = [
    ...ofDns,
    secret('letsencrypt:secret', 'Secret by which nodes share certificates', { make: base64 }),
    secret('haproxy:stats:password', 'Password of the statistics of haproxy', { make: hex, shared: false }),
  ];
  // The API of app nodes writes accounts by it.
  const ofData = secret('couchdb:password', 'Password of the administrator of CouchDB', { make: hex });
  if (role === 'app') {
    const ofApi = secret('api:secret', 'Secret by which app nodes know links and sessions of each other', {
      make: base64,
      among: 'app',
    });
    return [...common, ofData, ofApi, ...neighbours(pillar)];
  }
  const couchdb = { make: hex, among: 'db' } as const;
  return [
    ...common,
    ofData,
    ...['cookie', 'secret', 'salt', 'uuid'].map((name) =>
      secret(`couchdb:${name}`, `The ${name} of the cluster of CouchDB`, couchdb),
    ),
  ];
}

/** BGP goes without passwords, too. */
function neighbours(pillar: Mapping): Wanted[] {
  const known = at(pillar, 'bird:neighbours');
  if (!isMapping(known)) return [];
  return Object.keys(known).map((name) =>
    secret(
      `bird:neighbours:${name}:password`,
      `Password of the BGP session with "${name}" (empty: it has none)`,
      { optional: true },
    ),
  );
}

/** Where it is kept what was asked for and is not there, so that nobody is asked twice. */
export const declinedPath = 'bootstrap:declined';

/** What neither the pillar nor the answers have. */
export function wanted(role: Role, pillar: Mapping): Wanted[] {
  const declined = at(pillar, declinedPath);
  return all(role, pillar).filter(
    ({ path }) => !has(pillar, path) && !(Array.isArray(declined) && declined.includes(path)),
  );
}

const secretNames =
  /^(?:.*_)?(?:password|password_hash|secret|token|cookie|salt|uuid|private_key|account_key|https_pass)$/;

/** Whether a value belongs into the file of secrets. */
export function isSecret(path: string): boolean {
  return (
    secretNames.test(path.split(':').at(-1)!) || /^api:secrets:./.test(path) || path === 'letsencrypt:eab:key'
  );
}

/** Whether a value is of this node alone, so that it is not handed to others. */
export function isOwn(path: string): boolean {
  return path === 'haproxy:stats:password';
}

/** Values that still speak of the domain of the examples, spoken of the real one. */
export function fitted(data: Data, domain: string): Data {
  if (typeof data === 'string') return data.replace(/\bexample\.org\b/g, domain);
  if (Array.isArray(data)) return data.map((one) => fitted(one, domain));
  if (!isMapping(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fitted(value, domain)]));
}

/** Only what `fitted` changes. Lists are whole, as the pillar replaces them. */
export function refit(data: Mapping, domain: string): Mapping {
  const changed: { [key: string]: Data } = {};
  for (const [key, value] of Object.entries(data)) {
    if (isMapping(value)) {
      const inner = refit(value, domain);
      if (Object.keys(inner).length > 0) changed[key] = inner;
    } else {
      const other = fitted(value, domain);
      if (JSON.stringify(other) !== JSON.stringify(value)) changed[key] = other;
    }
  }
  return changed;
}
