/** Whether there are nodes already, as the DNS tells. */
import { Resolver } from 'node:dns/promises';
import { at, type Mapping } from './data.ts';

export type Found = 'none' | 'some' | 'unknown';

/** Only the DNS saying that there is no such name means that there is no node; silence means nothing. */
export async function otherNodes(pillar: Mapping, domain: string, own: string): Promise<Found> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const servers = at(pillar, 'discovery:resolvers');
  if (Array.isArray(servers) && servers.length > 0) resolver.setServers(servers.map(String));
  let found: Found = 'none';
  for (const service of ['_app._tcp', '_db._tcp']) {
    try {
      const records = await resolver.resolveSrv(`${service}.${domain}`);
      if (records.some(({ name }) => name !== own)) return 'some';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTFOUND' && code !== 'ENODATA') found = 'unknown';
    }
  }
  return found;
}
