/** Addresses in the one spelling by which they can be compared. */

const part = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const dotted = new RegExp(`^${part}(?:\\.${part}){3}$`);

/** RFC 5952 for IPv6, with a zone (`%eth0`) kept; undefined for what is no address. */
export function canonicalAddress(text: string): string | undefined {
  if (dotted.test(text)) return text.split('.').map(Number).join('.');
  const [, address, zone = ''] = /^([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(%[\w.-]+)?$/.exec(text) ?? [];
  if (address === undefined || !URL.canParse(`http://[${address}]/`)) return undefined;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1) + zone;
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

export interface Prefixed {
  readonly address: string;
  /** Bits of the network; those of a single host where none were given. */
  readonly prefix: number;
}

/** `192.0.2.1/24` and the like; undefined for what is none. */
export function prefixedAddress(text: string): Prefixed | undefined {
  const slash = text.lastIndexOf('/');
  const address = canonicalAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const most = isIpv6(address) ? 128 : 32;
  if (slash === -1) return { address, prefix: most };
  const digits = text.slice(slash + 1);
  const prefix = Number(digits);
  return /^\d{1,3}$/.test(digits) && prefix <= most ? { address, prefix } : undefined;
}
