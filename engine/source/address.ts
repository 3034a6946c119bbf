/** IP addresses and networks with the answers of Python's `ipaddress`. */
import { isIP } from 'node:net';

export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
  /** Normal spelling; IPv6 as RFC 5952 has it. */
  readonly text: string;
}

export interface Network {
  readonly version: 4 | 6;
  readonly base: bigint;
  readonly prefix: number;
}

export function bitsOf(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/%[^%/]+$/, '');
  const version = isIP(bare);
  if (version === 4) {
    // Python refuses leading zeros, which some systems read as octal.
    if (/(?:^|\.)0[0-9]/.test(bare)) return undefined;
    const value = bare.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return { version: 4, value, text: bare };
  }
  if (version !== 6) return undefined;
  const zone = text.slice(bare.length);
  const value = ipv6Value(bare);
  return { version: 6, value, text: ipv6Text(value) + zone };
}

function ipv6Value(text: string): bigint {
  const dotted = /^(.*:)([0-9]+\.[0-9.]+)$/.exec(text);
  let spelled = text;
  if (dotted !== null) {
    const [a, b, c, d] = dotted[2]!.split('.').map(Number) as [number, number, number, number];
    spelled = `${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const [head = '', tail] = spelled.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  // The longest run of two or more zero groups, the first of equals, is written `::`.
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

export function addressOf(value: bigint, version: 4 | 6): Address {
  if (version === 6) return { version, value, text: ipv6Text(value) };
  const text = [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  return { version, value, text };
}

/** `address[/prefix]`, or `/netmask` or `/hostmask` for IPv4. `strict`: no host bits may be set. */
export function parseNetwork(text: string, strict = true): Network | undefined {
  const [first = '', suffix, ...more] = text.split('/');
  const address = parseAddress(first);
  if (address === undefined || more.length > 0) return undefined;
  const bits = bitsOf(address.version);
  const prefix = suffix === undefined ? bits : prefixOf(suffix, address.version);
  if (prefix === undefined) return undefined;
  const host = (1n << BigInt(bits - prefix)) - 1n;
  const base = address.value & ~host;
  return strict && base !== address.value ? undefined : { version: address.version, base, prefix };
}

function prefixOf(suffix: string, version: 4 | 6): number | undefined {
  if (/^[0-9]+$/.test(suffix)) return Number(suffix) <= bitsOf(version) ? Number(suffix) : undefined;
  const mask = version === 4 ? parseAddress(suffix) : undefined;
  if (mask === undefined || mask.version !== 4) return undefined;
  const bits = mask.value.toString(2).padStart(32, '0');
  if (/^1*0*$/.test(bits)) return bits.indexOf('0') === -1 ? 32 : bits.indexOf('0');
  return /^0*1*$/.test(bits) ? bits.indexOf('1') : undefined;
}

export function inNetwork(address: Address, network: Network): boolean {
  if (address.version !== network.version) return false;
  const shift = BigInt(bitsOf(network.version) - network.prefix);
  return address.value >> shift === network.base >> shift;
}

export function sizeOf(network: Network): bigint {
  return 1n << BigInt(bitsOf(network.version) - network.prefix);
}

export function networkText(network: Network): string {
  return `${addressOf(network.base, network.version).text}/${network.prefix}`;
}

function within(address: Address, ranges: readonly string[]): boolean {
  return ranges.some((range) => inNetwork(address, parseNetwork(range)!));
}

const PRIVATE = {
  4: '0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/29 192.0.0.170/31 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 255.255.255.255/32',
  6: '::1/128 ::/128 ::ffff:0:0/96 100::/64 2001::/23 2001:2::/48 2001:db8::/32 2001:10::/28 fc00::/7 fe80::/10',
};
const RESERVED = {
  4: '240.0.0.0/4',
  6: '::/8 100::/8 200::/7 400::/6 800::/5 1000::/4 4000::/3 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4 f000::/5 f800::/6 fe00::/9',
};

/** What kind of address it is, by the words Python and Salt's ip filters use. */
export function isKind(address: Address, kind: string): boolean {
  const { version } = address;
  switch (kind) {
    case 'private':
      return within(address, PRIVATE[version].split(' '));
    case 'global':
    case 'public':
      return !isKind(address, 'private') && !(version === 4 && within(address, ['100.64.0.0/10']));
    case 'loopback':
      return within(address, [version === 4 ? '127.0.0.0/8' : '::1/128']);
    case 'multicast':
      return within(address, [version === 4 ? '224.0.0.0/4' : 'ff00::/8']);
    case 'link-local':
    case 'link_local':
      return within(address, [version === 4 ? '169.254.0.0/16' : 'fe80::/10']);
    case 'site-local':
    case 'site_local':
      return version === 6 && within(address, ['fec0::/10']);
    case 'reserved':
      return within(address, RESERVED[version].split(' '));
    case 'unspecified':
      return address.value === 0n;
    default:
      return false;
  }
}
