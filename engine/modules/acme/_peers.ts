/** Finds a certificate for our names and key that another node has already. */

import type { Reader } from '../../core/host.ts';
import { canonicalAddress } from '../../core/ip-address.ts';
import type { Refusal } from '../../core/state.ts';
import { type Chain, chainOfBytes, fits, isStaged, isWhole } from './_chain.ts';
import type { Held } from './_held.ts';
import { wrong } from './_order.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Seconds that another node has to show its certificate. */
const patience = 3;
/** Milliseconds by which clocks may differ. */
const skew = 300_000;

/** `host:port`, `[address]:port`; 443 where no port is told. */
export function endpointsOf(given: string | readonly string[]): readonly Endpoint[] | Refusal {
  const endpoints: Endpoint[] = [];
  for (const text of [given].flat()) {
    const bare = canonicalAddress(text);
    if (bare !== undefined) {
      endpoints.push({ host: bare, port: 443 });
      continue;
    }
    const [, inBrackets, plain, digits = '443'] =
      /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
    const host = inBrackets ?? plain;
    const port = Number(digits);
    if (host === undefined || port < 1 || port > 65_535)
      return wrong(`"${text}" is no address of a server`, 'Write host:port or [address]:port.');
    endpoints.push({ host, port });
  }
  return endpoints;
}

/** By which a server is asked for the certificate of these names. */
export function serverName(names: readonly string[]): string {
  return names.find((name) => !name.startsWith('*')) ?? names[0]!.replace(/^\*/, 'converge');
}

/** The one that is valid longest of those better than ours. */
export async function findAtPeers(
  peers: readonly Endpoint[],
  { names, key, fit, note, at }: Held,
  staging: boolean,
  reader: Reader,
): Promise<Chain | undefined> {
  const name = serverName(names);
  const seen = await Promise.all(peers.map((peer) => reader.handshake({ ...peer, name }, patience)));
  const ours = fit && !fit.isSelfSigned && (staging || !isStaged(fit)) ? fit.until : 0;
  return seen
    .flatMap((one) => ('certificates' in one ? (chainOfBytes(one.certificates) ?? []) : []))
    .filter(
      (chain) =>
        !chain.isSelfSigned &&
        fits(chain, names, key.object) &&
        isWhole(chain) &&
        chain.from <= at + skew &&
        chain.until > Math.max(at, ours) &&
        (staging || !isStaged(chain)) &&
        chain.fingerprint !== note.rejected,
    )
    .sort((one, other) => other.until - one.until)[0];
}
