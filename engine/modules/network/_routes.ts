/** The routes of the main table as `ip` shows them, and what the states of routes take. */
import type { Command, Reader, Settled } from '../../core/host.ts';
import { canonicalAddress, isIpv6, type Prefixed, prefixedAddress } from '../../core/ip-address.ts';
import type { Refusal } from '../../core/state.ts';
import { persistProperties } from './_boot.ts';
import { type Link, parsed, refuseInterface, unseenBy } from './_links.ts';

export interface Route {
  /** `default`, `10.5.0.0/24`, or an address. */
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly metric?: number;
  readonly table?: string;
  readonly type?: string;
}

const command: Command = { argv: ['ip', '-j', '-d', 'route', 'show', 'table', 'all'] };

export const routeProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'Where it leads: a network such as `10.5.0.0/16`, or `default`.',
  },
  gateway: { type: 'string', description: 'The next router; without it the network is reached directly.' },
  interface: {
    type: 'string',
    description: 'The interface. With a `gateway` the one in whose network that lies, unless given.',
  },
  metric: {
    type: 'integer',
    minimum: 0,
    description: 'Of two routes to one network that with the lower one counts.',
  },
  ...persistProperties,
} as const;

export interface Wanted {
  readonly destination: Prefixed;
  readonly gateway?: string;
  readonly interface?: string;
  readonly metric?: number;
}

export interface GivenRoute {
  readonly name: string;
  readonly gateway?: string;
  readonly interface?: string;
  readonly metric?: number;
}

export function wantedRoute(given: GivenRoute): Wanted | Refusal {
  const wrong = (what: string): Refusal => ({ refused: `"${what}" is not an address.`, certain: true });
  const gateway = given.gateway === undefined ? undefined : canonicalAddress(given.gateway);
  if (given.gateway !== undefined && gateway === undefined) return wrong(given.gateway);
  const zero = gateway && isIpv6(gateway) ? '::/0' : '0.0.0.0/0';
  const destination = prefixedAddress(given.name === 'default' ? zero : given.name);
  if (destination === undefined) return wrong(given.name);
  const unfit = given.interface === undefined ? undefined : refuseInterface(given.interface);
  return unfit ?? { destination, gateway, interface: given.interface, metric: given.metric };
}

/** The interface in whose network an address lies. */
export function interfaceTowards(links: readonly Link[], address: string): string | undefined {
  // Every interface has this network.
  if (address.startsWith('fe80:')) return undefined;
  return links.find(({ addr_info }) =>
    addr_info.some(
      ({ local, prefixlen }) => isIpv6(local) === isIpv6(address) && within(address, local, prefixlen),
    ),
  )?.ifname;
}

function within(address: string, network: string, prefix: number): boolean {
  return bitsOf(address).slice(0, prefix) === bitsOf(network).slice(0, prefix);
}

function bitsOf(address: string): string {
  const binary = (value: number, width: number) => value.toString(2).padStart(width, '0');
  if (!isIpv6(address))
    return address
      .split('.')
      .map((byte) => binary(Number(byte), 8))
      .join('');
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const words = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return words.map((word) => binary(Number.parseInt(word, 16), 16)).join('');
}

export async function readRoutes(reader: Reader): Promise<Route[] | Refusal> {
  if (reader.rooted) return [];
  const { status, stdout, stderr } = await reader.ask(command);
  return (status === 0 ? parsed<Route>(stdout) : undefined) ?? unseenBy(status, stderr);
}

/** Where what there is can be read; none where it cannot. */
export async function presentRoutes(reader: Reader): Promise<readonly Route[]> {
  const routes = await readRoutes(reader);
  return 'refused' in routes ? [] : routes;
}

export function settleRoutes(routes: readonly Route[]): Settled {
  return { about: 'answer', command, stdout: JSON.stringify(routes) };
}

/** Routes of the main table to the same place. */
export function routesTo(routes: readonly Route[], destination: Prefixed): Route[] {
  const v6 = isIpv6(destination.address);
  return routes.filter((route) => {
    if ((route.table ?? 'main') !== 'main' || (route.type ?? 'unicast') !== 'unicast') return false;
    if (route.dst === 'default') {
      const family = route.gateway === undefined ? v6 : isIpv6(route.gateway);
      return destination.prefix === 0 && family === v6;
    }
    const found = prefixedAddress(route.dst);
    return found?.address === destination.address && found.prefix === destination.prefix;
  });
}

export function isRoute(route: Route, { gateway, interface: name, metric }: Wanted): boolean {
  return (
    (gateway === undefined || route.gateway === gateway) &&
    (name === undefined || route.dev === name) &&
    (metric === undefined || (route.metric ?? 0) === metric)
  );
}

export function routeWords(verb: string, route: Wanted): string[] {
  const { destination, gateway, interface: name, metric } = route;
  return [
    'ip',
    isIpv6(destination.address) ? '-6' : '-4',
    'route',
    verb,
    `${destination.address}/${destination.prefix}`,
    ...(gateway ? ['via', gateway] : []),
    ...(name ? ['dev', name] : []),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
  ];
}

export function textOfRoute({ gateway, dev, metric }: Route): string {
  const words = [...(gateway ? ['via', gateway] : []), ...(dev ? ['dev', dev] : [])];
  return [...words, ...(metric ? ['metric', metric] : [])].join(' ');
}
