/** Reads and changes records of the DNS, at whichever provider keeps them. */
import type { DnsEffect, RecordQuery, Records } from '../core/dns.ts';
import type { Performed } from '../core/host.ts';
import type { Patience } from './dns-ask.ts';

export interface DnsMeans {
  /** Seconds that the first attempt waits. */
  readonly first: number;
  /** What ended the run from outside; then nothing is tried again. */
  stoppedBy?(): string | undefined;
  /** Nameservers that did not answer. */
  readonly silent: Set<string>;
  /** What was found out once: identifiers of Cloudflare's zones. */
  readonly zoneIds: Map<string, string>;
}

export async function readRecords(query: RecordQuery, means: DnsMeans): Promise<Records> {
  const { service } = query;
  if (service.provider === 'cloudflare') {
    const cloudflare = await import('./cloudflare.ts');
    return await cloudflare.readRecords({ ...query, service }, means);
  }
  const rfc2136 = await import('./rfc2136.ts');
  return await rfc2136.readRecords({ ...query, service }, attemptsOf(means));
}

export async function changeRecords(effect: DnsEffect, means: DnsMeans): Promise<Performed> {
  const { service } = effect;
  if (service.provider === 'cloudflare') {
    const cloudflare = await import('./cloudflare.ts');
    return await cloudflare.changeRecords({ ...effect, service }, means);
  }
  const rfc2136 = await import('./rfc2136.ts');
  return await rfc2136.changeRecords({ ...effect, service }, attemptsOf(means));
}

function attemptsOf({ first, stoppedBy, silent }: DnsMeans): Patience {
  return { attempts: [first, first * 2, first * 4], silent, ...(stoppedBy ? { stoppedBy } : {}) };
}
