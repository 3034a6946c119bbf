/** Asks an authority when it would like a certificate to be renewed (RFC 9773). */
import type { X509Certificate } from 'node:crypto';
import type { Reader } from '../../core/host.ts';
import { partsOf, tags } from './_der.ts';
import type { Span } from './_renewal.ts';

/** RFC 9773, 4.1: key identifier of the issuer, and serial number. Undefined where it tells none. */
export function renewalId({ raw }: X509Certificate): string | undefined {
  try {
    const [certificate] = partsOf(raw);
    const fields = partsOf(partsOf(certificate!.content)[0]!.content);
    const serial = fields.find(({ tag }) => tag === tags.integer);
    const [extensions] = partsOf(fields.find(({ tag }) => tag === 0xa3)!.content);
    for (const { content } of partsOf(extensions!.content)) {
      const parts = partsOf(content);
      // RFC 5280, 4.2.1.1.
      if (parts[0]!.content.toString('hex') !== '551d23') continue;
      const [identifier] = partsOf(parts.at(-1)!.content);
      const key = partsOf(identifier!.content).find(({ tag }) => tag === 0x80);
      if (key && serial)
        return `${key.content.toString('base64url')}.${serial.content.toString('base64url')}`;
    }
    return undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where the authority does not say, or does not answer: then the certificate's own dates decide. */
export async function windowOf(directory: string, id: string, reader: Reader): Promise<Span | undefined> {
  const offered = await jsonOf(directory, reader);
  const address = offered?.['renewalInfo'];
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const info = await jsonOf(`${address.replace(/\/$/, '')}/${id}`, reader);
  const window = info?.['suggestedWindow'];
  if (typeof window !== 'object' || window === null) return undefined;
  const { start, end } = window as Record<string, unknown>;
  const [from, until] = [Date.parse(String(start)), Date.parse(String(end))];
  // RFC 9773, 4.2: what ends before it begins says nothing.
  return from <= until ? { from, until } : undefined;
}

/** Milliseconds. It is no more than a question, for which no run is to wait. */
const patience = 10_000;

async function jsonOf(url: string, reader: Reader): Promise<Record<string, unknown> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience);
  });
  const found = await Promise.race([reader.fetch(url), late]);
  clearTimeout(timer);
  if (found === undefined || 'missing' in found) return undefined;
  try {
    const value: unknown = JSON.parse(found.content.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
