/** Whether there are nodes already, as the DNS tells. */
import { Resolver } from 'node:dns/promises';
import { at, type Mapping } from './data.ts';
import type { Role } from './wanted.ts';

export type Found = 'none' | 'some' | 'unknown';

export type FoundByRole = { readonly [role in Role]: Found };

/** Only the DNS saying that there is no such name means that there is no node; silence means nothing. */
export async function otherNodes(pillar: Mapping, domain: string, own: string): Promise<FoundByRole> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const servers = at(pillar, 'discovery:resolvers');
  if (Array.isArray(servers) && servers.length > 0) resolver.setServers(servers.map(String));
  async function find(role: Role): Promise<Found> {
    try {
      const records = await resolver.resolveSrv(`_${role}._tcp.${domain}`);
      return records.some(({ name }) => name !== own) ? 'some' : 'none';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOTFOUND' || code === 'ENODATA' ? 'none' : 'unknown';
    }
  }
  const [app, db] = await Promise.all([find('app'), find('db')]);
  return { app, db };
}
