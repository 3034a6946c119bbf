/** Ports of services: what users write, merged as an anonymous set of nft takes them. */
import { ArgumentTrouble } from '../../core/host.ts';

export const protocols = ['tcp', 'udp', 'sctp'] as const;
export type Protocol = (typeof protocols)[number];

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Ranges of each protocol, sorted, without overlaps. */
export type Ports = ReadonlyMap<Protocol, readonly PortRange[]>;

export type GivenPorts = { readonly [name in Protocol]?: number | string | readonly (number | string)[] };

export function portsOf(service: string, given: GivenPorts): Ports {
  const found = new Map<Protocol, readonly PortRange[]>();
  for (const protocol of protocols) {
    const ranges = [given[protocol] ?? []].flat().map((one) => rangeOf(service, one));
    if (ranges.length > 0) found.set(protocol, merged(ranges));
  }
  if (found.size === 0) {
    throw new ArgumentTrouble(`The service "${service}" has no ports.`, 'Give it some: `tcp: [80, 443]`.');
  }
  return found;
}

export function joinedPorts(all: readonly Ports[]): Ports {
  const joined = new Map<Protocol, readonly PortRange[]>();
  for (const protocol of protocols) {
    const ranges = all.flatMap((ports) => ports.get(protocol) ?? []);
    if (ranges.length > 0) joined.set(protocol, merged(ranges));
  }
  return joined;
}

export function hasPort(ports: Ports, protocol: Protocol, port: number): boolean {
  return (ports.get(protocol) ?? []).some(({ first, last }) => first <= port && port <= last);
}

function rangeOf(service: string, given: number | string): PortRange {
  const [, low, high = low] = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(String(given)) ?? [];
  const first = Number(low);
  const last = Number(high);
  if (low === undefined || first < 1 || last > 65535 || first > last) {
    throw new ArgumentTrouble(
      `"${given}" of the service "${service}" is no port and no range of ports.`,
      'Ports are 1 to 65535, ranges are written 9100-9200.',
    );
  }
  return { first, last };
}

function merged(ranges: readonly PortRange[]): PortRange[] {
  const sorted = [...ranges].sort((a, b) => a.first - b.first);
  const kept: PortRange[] = [];
  for (const { first, last } of sorted) {
    const before = kept.at(-1);
    if (before && first <= before.last) {
      kept[kept.length - 1] = { first: before.first, last: Math.max(before.last, last) };
    } else kept.push({ first, last });
  }
  return kept;
}
