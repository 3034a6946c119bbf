/** Finds the db nodes: by SRV records, each at its private address where it has one. */
import { Resolver } from 'node:dns/promises';
import type { CouchSettings } from '../settings.ts';

export interface Place {
  /** Short: what people call the node. */
  readonly name: string;
  /** Scheme, address and port. */
  readonly origin: string;
  /** The name its certificate has to be for. */
  readonly servername?: string;
  /** Those with the lowest are asked first (RFC 2782). A node that is about to leave has the highest there is. */
  readonly priority: number;
}

function fixed(url: string, { servername }: CouchSettings): Place {
  const { origin, hostname, port } = new URL(url);
  const isName = /[a-z]/i.test(hostname) && !hostname.includes(':');
  return {
    name: isName ? `${hostname.split('.')[0]}` : `${hostname}:${port}`,
    origin,
    servername,
    priority: 0,
  };
}

/** None where the DNS says nothing: then what was known goes on. */
export async function discover(settings: CouchSettings): Promise<Place[]> {
  if (typeof settings.members !== 'string') return settings.members.map((url) => fixed(url, settings));
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  if (settings.resolvers.length > 0) resolver.setServers([...settings.resolvers]);
  const records = await resolver.resolveSrv(settings.members).catch(() => []);
  const places = await Promise.all(
    records.map(async ({ name, port, priority }) => {
      const target = name.replace(/\.$/, '');
      const address = await addressOf(resolver, target);
      if (address === undefined) return [];
      const host = address.includes(':') ? `[${address}]` : address;
      const servername = settings.servername ?? target;
      return { name: target.split('.')[0]!, origin: `https://${host}:${port}`, servername, priority };
    }),
  );
  return places.flat();
}

/** `internal.NAME` has the private ones. */
async function addressOf(resolver: Resolver, target: string): Promise<string | undefined> {
  for (const name of [`internal.${target}`, target]) {
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    for (const answer of [four, six]) {
      if (answer.status === 'fulfilled' && answer.value.length > 0) return answer.value.sort()[0];
    }
  }
  return undefined;
}
