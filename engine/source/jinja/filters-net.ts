/** Salt's filters for IP addresses, networks and MAC addresses. */
import { type Address, addressOf, bitsOf, isKind, parseAddress, parseNetwork, sizeOf } from '../address.ts';
import { bind } from './arguments.ts';
import { isIterable, iterate } from './containers.ts';
import type { Filter } from './contracts.ts';
import { drawn } from './filters-hash.ts';
import { int } from './kinds.ts';
import { str } from './printing.ts';
import { JinjaError, type Keywords } from './values.ts';

/** No list of hosts may be longer. */
const MOST_HOSTS = 1_048_576;

const ALIASES: { readonly [option: string]: string } = {
  ll: 'link-local',
  linklocal: 'link-local',
  lo: 'loopback',
  sl: 'site-local',
};

/** The address (or address with prefix) in normal spelling, if it is of the version and kinds asked for. */
function accepted(value: unknown, version: 4 | 6 | undefined, options: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [bare = '', prefix] = value.split('/');
  const address = parseAddress(bare);
  if (address === undefined || (version !== undefined && address.version !== version)) return undefined;
  const network = prefix === undefined ? undefined : parseNetwork(value, false);
  if (prefix !== undefined && network === undefined) return undefined;
  if (!hasKinds(address, options)) return undefined;
  return network === undefined ? address.text : `${address.text}/${network.prefix}`;
}

function hasKinds(address: Address, options: unknown): boolean {
  if (options === undefined || options === null || options === '') return true;
  return str(options)
    .split(',')
    .map((option) => option.trim())
    .every((option) => isKind(address, ALIASES[option] ?? option));
}

/** One address gives itself or None; a list gives the list of those that pass. */
function chosen(value: unknown, version: 4 | 6 | undefined, options: unknown): unknown {
  if (typeof value === 'string') return accepted(value, version, options) ?? null;
  if (value === null || !isIterable(value)) return null;
  return [...iterate(value)]
    .map((member) => accepted(member, version, options))
    .filter((text) => text !== undefined);
}

function chooser(name: string, version: 4 | 6 | undefined): Filter {
  return (value, args, kwargs) => chosen(value, version, bind(name, ['options'], args, kwargs)[0]);
}

function tester(name: string, version: 4 | 6 | undefined): Filter {
  return (value, args, kwargs) =>
    accepted(value, version, bind(name, ['options'], args, kwargs)[0]) !== undefined;
}

function versionArg(value: unknown): 4 | 6 | undefined {
  return value === 4 || value === 6 ? value : undefined;
}

/** For one address one answer, for a list a list of answers. */
function each(name: string, answer: (text: string) => unknown): Filter {
  return (value: unknown, args: unknown[], kwargs: Keywords) => {
    const [options, version] = bind(name, ['options', 'version'], args, kwargs);
    const found = chosen(value, versionArg(version), options);
    if (found === null) return null;
    return Array.isArray(found) ? found.map((text) => answer(text as string)) : answer(found as string);
  };
}

function hosts(text: string): string[] {
  const network = parseNetwork(text, false)!;
  const size = sizeOf(network);
  if (size > BigInt(MOST_HOSTS)) {
    throw new JinjaError(`The network ${text} has ${size} addresses, too many to list.`);
  }
  const bits = bitsOf(network.version);
  const small = network.prefix >= bits - 1;
  const first = small ? 0n : 1n;
  // An IPv6 network has no broadcast address.
  const last = small || network.version === 6 ? size : size - 1n;
  const list: string[] = [];
  for (let offset = first; offset < last; offset++) {
    list.push(addressOf(network.base + offset, network.version).text);
  }
  return list;
}

function genMac(
  value: unknown,
  _args: unknown[],
  _kwargs: Keywords,
  runtime: { readonly seed?: string },
): string {
  const prefix = str(value);
  const part = (index: number): string =>
    drawn(256, runtime.seed ?? '', prefix, String(index))
      .toString(16)
      .toUpperCase()
      .padStart(2, '0');
  return [prefix, part(0), part(1), part(2)].join(':');
}

function macBytes(value: unknown): string {
  const text = str(value);
  const separator = text.length === 17 ? text[2] : '';
  const bare = separator === '' ? text : text.replaceAll(separator!, '');
  if (!/^[0-9a-fA-F]{12}$/.test(bare)) throw new JinjaError('Invalid MAC address');
  return Buffer.from(bare, 'hex').toString('latin1');
}

export const NET_FILTERS: { readonly [name: string]: Filter } = {
  is_ip: tester('is_ip', undefined),
  is_ipv4: tester('is_ipv4', 4),
  is_ipv6: tester('is_ipv6', 6),
  ipaddr: chooser('ipaddr', undefined),
  ipv4: chooser('ipv4', 4),
  ipv6: chooser('ipv6', 6),
  ip_host: each('ip_host', (text) =>
    text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`,
  ),
  network_hosts: each('network_hosts', hosts),
  network_size: each('network_size', (text) => int(sizeOf(parseNetwork(text, false)!))),
  gen_mac: genMac,
  mac_str_to_bytes: macBytes,
};
