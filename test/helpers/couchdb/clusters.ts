/** The clusters of CouchDB that tests are held against: the double, and a real one where COUCHDB_NODES names its three nodes. */
import { setTimeout as pause } from 'node:timers/promises';
import { password, startDouble, username } from './double.ts';
import { startMembers } from './members.ts';

export interface Member {
  readonly url: string;
  /** `name:password`; without one nobody is logged in. */
  readonly login: string | undefined;
}

export interface Opened {
  readonly members: readonly Member[];
  close(): Promise<void>;
}

export interface Cluster {
  readonly title: string;
  open(): Promise<Opened>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever it is
  readonly body: any;
}

/** `GET /some/path` */
export async function ask(
  { url, login }: Member,
  line: string,
  body?: unknown,
  type = 'application/json',
): Promise<Answer> {
  const [method, path] = line.split(' ') as [string, string];
  const authorization = login && `Basic ${Buffer.from(login).toString('base64')}`;
  const response = await fetch(url + path, {
    method,
    headers: { ...(authorization ? { authorization } : {}), 'content-type': type },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** What matters of an answer: its status, and of an error what it says. */
export async function told(member: Member, line: string, body?: unknown): Promise<(number | string)[]> {
  const answer = await ask(member, line, body);
  return [answer.status, answer.body.error, answer.body.reason].filter((part) => part !== undefined);
}

/** A database, and a document of `_users` by its path; where they are not there any more nothing happens. */
export async function removeTraces(member: Member, database: string, userPath: string): Promise<void> {
  await ask(member, `DELETE /${database}`);
  const { status, body } = await ask(member, `GET ${userPath}`);
  if (status === 200) await ask(member, `DELETE ${userPath}?rev=${body._rev}`);
}

export async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 15_000; performance.now() < end; await pause(20))
    if (await check()) return;
  throw new Error(`It did not come to this in time: ${what}`);
}

const real = process.env['COUCHDB_NODES'];

export const clusters: readonly Cluster[] = [
  { title: 'the double', open: openDouble },
  { title: 'a double of three processes', open: openMembers },
  ...(real
    ? [{ title: 'a real cluster', open: async () => ({ members: realMembers(real), close: async () => {} }) }]
    : []),
];

async function openDouble(): Promise<Opened> {
  const double = await startDouble(3, { joined: true });
  for (const { node } of double.nodes) double.cluster.set(node, 'chttpd_auth', 'secret', 'a secret');
  const login = `${username}:${password}`;
  return {
    members: double.nodes.map(({ url }) => ({ url, login })),
    close: async () => await double[Symbol.asyncDispose](),
  };
}

async function openMembers(): Promise<Opened> {
  const three = await startMembers();
  const login = `${username}:${password}`;
  return {
    members: three.urls.map((url) => ({ url, login })),
    close: async () => await three[Symbol.asyncDispose](),
  };
}

/** `http://admin:password@10.0.0.1:5984 http://…`: nodes of one cluster, on which nothing else is going on. */
function realMembers(told: string): Member[] {
  return told
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((one) => {
      const { origin, username: name, password: secret } = new URL(one);
      return { url: origin, login: `${decodeURIComponent(name)}:${decodeURIComponent(secret)}` };
    });
}
