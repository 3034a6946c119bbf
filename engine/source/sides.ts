/** Which interfaces of this machine lead to the public and which to the private network, and its own addresses there. */
import { isKind, parseAddress } from './address.ts';

export interface Machine {
  /** Addresses of each interface; of those that are up. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** Interfaces that are tunnels: WireGuard, Tailscale, GRE… */
  readonly tunnels: ReadonlySet<string>;
  /** /proc/net/route, /proc/net/ipv6_route and /proc/net/if_inet6. */
  readonly routes: string;
  readonly routes6: string;
  readonly inet6: string;
}

export interface Side {
  readonly interfaces: readonly string[];
  readonly addresses: readonly string[];
}

export interface Sides {
  readonly public: Side;
  readonly private: Side;
}

/** Places of addresses that float, bridges and cables to containers and virtual machines here: no way to other nodes. */
const inside =
  /^(?:lo$|dummy|br-[0-9a-f]{12}$|docker|podman|veth|virbr|vnet|lxc|lxd|incus|cni|cali|cilium|flannel|kube|weave)/;

/**
 * Public is where the default routes lead; without one, every interface with an address that is not internal. Private are
 * the other interfaces with an internal address; where there are none the tunnels that have one, or else the public one.
 */
export function sidesOf(machine: Machine): Sides {
  const temporary = temporaryAddresses(machine.inet6);
  const links = [...byLink(machine.addresses)].flatMap(([name, all]) => {
    const own = all.filter((one) => isReachable(one) && !temporary.has(one));
    return own.length > 0 && !inside.test(name) ? [{ name, own }] : [];
  });
  const out = new Set([...defaultRoutes(machine.routes), ...defaultRoutes6(machine.routes6)]);
  const routed = links.filter(({ name }) => out.has(name));
  const open = routed.length > 0 ? routed : links.filter(({ own }) => own.some((one) => !isInternal(one)));
  const internal = links.filter(({ own }) => own.some(isInternal));
  const apart = internal.filter((link) => !open.includes(link));
  const direct = apart.filter(({ name }) => !machine.tunnels.has(name));
  const closed = [direct, apart].find((some) => some.length > 0) ?? internal;
  const published = addressesOf(open).filter((one) => !isInternal(one));
  return {
    public: {
      interfaces: namesOf(open),
      // Behind a NAT there are no others.
      addresses: published.length > 0 ? published : addressesOf(open),
    },
    private: { interfaces: namesOf(closed), addresses: addressesOf(closed).filter(isInternal) },
  };
}

interface Link {
  readonly name: string;
  readonly own: readonly string[];
}

function namesOf(links: readonly Link[]): string[] {
  return links.map(({ name }) => name).sort();
}

function addressesOf(links: readonly Link[]): string[] {
  return [...new Set(links.flatMap(({ own }) => own))].sort();
}

/** An IPv4 address may have a label, eth0:1, in place of the name of its interface. */
function byLink(addresses: Machine['addresses']): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [label, all] of addresses) {
    const name = label.replace(/:.*/, '');
    found.set(name, [...(found.get(name) ?? []), ...all]);
  }
  return found;
}

function isReachable(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && !isKind(address, 'loopback') && !isKind(address, 'link-local');
}

/** RFC 1918, RFC 6598 and RFC 4193. */
export function isInternal(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i.test(
    address,
  );
}

/** proc(5): destination and mask are the second and the eighth word. */
function defaultRoutes(table: string): string[] {
  return rows(table).flatMap(([name, to, , , , , , mask]) =>
    to === '00000000' && mask === '00000000' ? [name!] : [],
  );
}

/** Destination and length are the first words, the name is the last. Routes of `lo` are those that refuse. */
function defaultRoutes6(table: string): string[] {
  return rows(table).flatMap(([to, length, ...rest]) =>
    to === '0'.repeat(32) && length === '00' ? rest.slice(-1) : [],
  );
}

/** IFA_F_TEMPORARY and IFA_F_DEPRECATED (linux/if_addr.h): addresses that go away by themselves. */
function temporaryAddresses(table: string): Set<string> {
  const marked = rows(table).filter((row) => (Number.parseInt(row[4] ?? '0', 16) & 0x21) !== 0);
  return new Set(
    marked.flatMap(([hex = '']) => parseAddress(hex.match(/.{4}/g)?.join(':') ?? '')?.text ?? []),
  );
}

function rows(table: string): string[][] {
  return table.split('\n').map((line) => line.trim().split(/\s+/));
}
