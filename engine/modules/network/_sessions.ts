/** Which addresses carry an ssh session now: taking one away could lock the user out. */
import type { Reader } from '../../core/host.ts';
import { canonicalAddress } from '../../core/ip-address.ts';
import type { Refusal } from '../../core/state.ts';

const established = '01';

/** Of sessions of anybody: sudo hides from us which is ours. */
export function sessionAddresses(reader: Reader): ReadonlySet<string> {
  if (reader.rooted) return new Set();
  const [, , server, port = '22'] = (reader.environment()['SSH_CONNECTION'] ?? '').split(' ');
  const found = new Set<string>();
  const own = canonicalAddress(server ?? '');
  if (own) found.add(plain(own));
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of reader.content(file)?.toString('latin1').split('\n') ?? []) {
      const [, , local, , state] = line.split(/\s+/);
      const [hex, hexPort] = local?.split(':') ?? [];
      if (state !== established || hexPort === undefined) continue;
      const at = Number.parseInt(hexPort, 16);
      if (at === 22 || at === Number(port)) found.add(plain(decoded(hex!)));
    }
  }
  return found;
}

/** proc_net(5): words of 32 bits in the byte order of the machine, which is little-endian wherever this runs. */
function decoded(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const parts = Array.from({ length: 8 }, (_, at) => `${bytes[2 * at]}${bytes[2 * at + 1]}`);
  return canonicalAddress(parts.join(':')) ?? '';
}

/** A socket for both families shows an IPv4 address as ::ffff:c000:201. */
function plain(address: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined) return address;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low!, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

export function refuseCut(
  addresses: readonly string[],
  sessions: ReadonlySet<string>,
  force: boolean,
): Refusal | undefined {
  const used = force ? undefined : addresses.find((address) => sessions.has(address));
  if (used === undefined) return undefined;
  return {
    refused: `An ssh session uses the address ${used} now; this would cut it off.`,
    hint: 'Log in by another address, or set `force: true`.',
  };
}

export const forceProperty = {
  type: 'boolean',
  default: false,
  description: 'Even if an ssh session that is open now loses its connection.',
} as const;
