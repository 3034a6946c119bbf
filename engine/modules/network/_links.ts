/** The network interfaces as `ip` shows them: one process tells all states of a run, and a dry run what they would become. */
import type { Command, Reader, Settled } from '../../core/host.ts';
import type { Prefixed } from '../../core/ip-address.ts';
import type { Refusal } from '../../core/state.ts';

export interface AddressInfo {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  /** Given by DHCP or a router, for a time. */
  readonly dynamic?: boolean;
}

/** The part of ip-address(8)'s JSON that counts here. */
export interface Link {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly master?: string;
  /** The interface it lies on (VLAN), or its other end (veth). */
  readonly link?: string;
  readonly link_type?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly id?: number } };
  readonly addr_info: readonly AddressInfo[];
}

export interface Live {
  readonly links: readonly Link[];
  /** Nothing can be seen below a root, or without `ip`; then this says so. */
  readonly rooted: boolean;
  readonly unseen?: Refusal;
}

const command: Command = { argv: ['ip', '-j', '-d', 'addr', 'show'] };

export async function readLive(reader: Reader): Promise<Live> {
  if (reader.rooted) return { links: [], rooted: true };
  const { status, stdout, stderr } = await reader.ask(command);
  const links = status === 0 ? parsed<Link>(stdout) : undefined;
  if (links !== undefined) {
    return { links: links.map((link) => ({ ...link, addr_info: link.addr_info ?? [] })), rooted: false };
  }
  return { links: [], rooted: false, unseen: unseenBy(status, stderr) };
}

export function parsed<T>(json: string): T[] | undefined {
  try {
    // Old versions print a {} for what was filtered out.
    return (JSON.parse(json || '[]') as T[]).filter((one) => Object.keys(one as object).length > 0);
  } catch {
    return undefined;
  }
}

export function unseenBy(status: number, stderr: string): Refusal {
  if (status !== 127)
    return { refused: `ip cannot show the network: ${stderr.trim() || `exit status ${status}`}.` };
  return {
    refused: 'The network cannot be seen: there is no ip here.',
    hint: 'Install the package iproute2 (iproute on RPM systems).',
  };
}

export function settleLinks(links: readonly Link[]): Settled {
  return { about: 'answer', command, stdout: JSON.stringify(links) };
}

export function linkNamed(links: readonly Link[], name: string): Link | undefined {
  return links.find(({ ifname }) => ifname === name);
}

export function withLink(links: readonly Link[], name: string, change: (link: Link) => Link): Link[] {
  return links.map((link) => (link.ifname === name ? change(link) : link));
}

export function hasAddress(link: Link | undefined, { address, prefix }: Prefixed): boolean {
  return link?.addr_info.some((one) => one.local === address && one.prefixlen === prefix) ?? false;
}

/** Addresses that somebody set: not link-local ones, nor those that DHCP or a router gave. */
export function setAddresses({ addr_info }: Link): Prefixed[] {
  return addr_info
    .filter(({ scope, dynamic }) => scope !== 'link' && scope !== 'host' && !dynamic)
    .map(({ local, prefixlen }) => ({ address: local, prefix: prefixlen }));
}

export function refuseInterface(name: string): Refusal | undefined {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(name)) return undefined;
  return { refused: `"${name}" is not the name of a network interface.`, certain: true };
}

export function noSuchInterface(name: string): Refusal {
  return {
    refused: `There is no network interface ${name}.`,
    hint: 'Make it first: network.link with a `kind`.',
  };
}
