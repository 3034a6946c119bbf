/** A certificate that a key signs for itself: with it a server starts before there is one that others trust. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { der, oid, sequence, tags, time } from './_der.ts';

const year = 365 * 86_400_000;
const issuer = 'converge, until a certificate is issued';

/** PEM. From `now` (milliseconds since the epoch, cut to seconds) for ten years. */
export function selfSigned(key: KeyObject, names: readonly string[], now: number): string {
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? sequence(oid('1.2.840.113549.1.1.11'), der(tags.null))
      : sequence(oid('1.2.840.10045.4.3.2'));
  const name = sequence(der(tags.set, sequence(oid('2.5.4.3'), der(tags.utf8, issuer))));
  const alternatives = sequence(...names.map((one) => der(0x82, one)));
  // RFC 5280, 4.1.
  const certificate = sequence(
    der(0xa0, der(tags.integer, Buffer.of(2))),
    der(tags.integer, serialOf(now)),
    algorithm,
    name,
    sequence(time(now), time(now + 10 * year)),
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid('2.5.29.17'), der(tags.octets, alternatives)))),
  );
  const signature = sign('sha256', certificate, key);
  const signed = sequence(certificate, algorithm, der(tags.bits, Buffer.of(0), signature));
  return pemOf(signed);
}

export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`;
}

/** Positive, and another one each time. */
function serialOf(now: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(1);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(now))), 1);
  return bytes;
}
