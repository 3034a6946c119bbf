/** Who is in the cluster of CouchDB. A member that was removed does not learn of it, so another one is asked. */
import { hostname } from 'node:os';
import { at } from './data.ts';
import { reveal } from './program.ts';
import { Trouble } from './trouble.ts';

export interface Members {
  /** As CouchDB calls this node. */
  readonly name: string;
  readonly others: readonly string[];
  readonly isMember: boolean;
}

export async function couchdbMembers(port: number, user: string): Promise<Members> {
  const authorization = `Basic ${Buffer.from(`${user}:${reveal('couchdb:password')}`).toString('base64')}`;
  async function ask(host: string, path: string): Promise<unknown> {
    const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`${path} is answered with ${response.status}`);
    return response.json();
  }
  async function membersAt(host: string): Promise<string[]> {
    return at((await ask(host, '/_membership')) as never, 'cluster_nodes') as string[];
  }
  let name: string;
  let known: string[];
  try {
    name = String(at((await ask('127.0.0.1', '/_node/_local')) as never, 'name'));
    known = await membersAt('127.0.0.1');
  } catch (error) {
    throw new Trouble(`CouchDB of ${hostname()} does not tell its members: ${(error as Error).message}.`);
  }
  const others = known.filter((one) => one !== name);
  for (const other of others) {
    try {
      return {
        name,
        others,
        isMember: (await membersAt(other.slice(other.indexOf('@') + 1))).includes(name),
      };
    } catch {
      // The next one may answer.
    }
  }
  if (others.length === 0) return { name, others, isMember: known.includes(name) };
  throw new Trouble('No other member of the cluster of CouchDB answers.', others.join(', '));
}
