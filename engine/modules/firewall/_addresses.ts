/** Sets of addresses and networks as nftables can hold them: in one spelling, none within another. */
import { canonicalAddress, isIpv6, prefixedAddress } from '../../core/ip-address.ts';

export interface Networks {
  readonly v4: readonly Network[];
  readonly v6: readonly Network[];
}

export interface Network {
  /** `192.0.2.0/24`; of a single host without its prefix. */
  readonly text: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Undefined for what is no address and no network. Bits beyond the prefix are cleared, as nft does. */
export function networkOf(text: string): Network | undefined {
  const found = prefixedAddress(text.trim());
  if (found === undefined || found.address.includes('%')) return undefined;
  const six = isIpv6(found.address);
  const width = six ? 128 : 32;
  const own = numberOf(found.address);
  const size = 1n << BigInt(width - found.prefix);
  const start = own - (own % size);
  const address = start === own ? found.address : textOf(start, six);
  return {
    text: found.prefix === width ? address : `${address}/${found.prefix}`,
    start,
    end: start + size - 1n,
  };
}

/** Networks sorted; those that lie within another one are left out, for an interval set takes no overlaps. */
export function networksOf(found: readonly Network[]): Networks {
  return {
    v4: outermost(found.filter(({ text }) => !isIpv6(text))),
    v6: outermost(found.filter(({ text }) => isIpv6(text))),
  };
}

export function holds({ v4, v6 }: Networks, address: string): boolean {
  const number = numberOf(address);
  return (isIpv6(address) ? v6 : v4).some(({ start, end }) => start <= number && number <= end);
}

function outermost(networks: readonly Network[]): Network[] {
  const sorted = [...networks].sort((a, b) => compare(a.start, b.start) || compare(b.end, a.end));
  const kept: Network[] = [];
  for (const one of sorted) if (kept.length === 0 || one.end > kept.at(-1)!.end) kept.push(one);
  return kept;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of an address in its canonical spelling. */
function numberOf(address: string): bigint {
  if (!isIpv6(address)) return BigInt(address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0));
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`);
}

function textOf(number: bigint, six: boolean): string {
  if (!six) return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
  const digits = number.toString(16).padStart(32, '0');
  return canonicalAddress(digits.match(/.{4}/g)!.join(':'))!;
}
