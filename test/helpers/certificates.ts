/** An authority of certificates for tests: a root, an intermediate, and whatever they are to issue. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { der, oid, sequence, tags, time } from '../../engine/modules/acme/_der.ts';
import { pemOf } from '../../engine/modules/acme/_self-signed.ts';

export interface Wish {
  readonly names: readonly string[];
  /** Private or public. */
  readonly key: KeyObject;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  readonly serial?: string;
}

export interface Issuer {
  /** Certificate and intermediate, as PEM. */
  issue(wish: Wish): string;
}

const day = 86_400_000;
/** RFC 9773, 4.1: that of its example. */
export const keyIdentifier = '69885b6b87464041e1b37b847ba0ae2cde01c8d4';

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

export function pemOfKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function createIssuer(title = 'Tests'): Issuer {
  const [root, intermediate] = [newKey(), newKey()];
  const always = { from: Date.now() - day, until: Date.now() + 3650 * day };
  const second = certificate(
    { ...always, names: [], key: intermediate, serial: '02' },
    `${title} intermediate`,
    `${title} root`,
    root,
  );
  return {
    issue: (wish) => `${certificate(wish, '', `${title} intermediate`, intermediate)}\n${second}\n`,
  };
}

let last = 0x1000;

function certificate(
  { names, key, from, until, serial = (++last).toString(16) }: Wish,
  subject: string,
  issuer: string,
  signer: KeyObject,
): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  const alternatives = sequence(...names.map((one) => der(0x82, one)));
  const identifier = der(tags.octets, sequence(der(0x80, Buffer.from(keyIdentifier, 'hex'))));
  const extensions =
    names.length > 0
      ? [sequence(oid('2.5.29.17'), der(tags.octets, alternatives)), sequence(oid('2.5.29.35'), identifier)]
      : [
          sequence(
            oid('2.5.29.19'),
            der(0x01, Buffer.of(255)),
            der(tags.octets, sequence(der(0x01, Buffer.of(255)))),
          ),
        ];
  const body = sequence(
    der(0xa0, der(tags.integer, Buffer.of(2))),
    der(tags.integer, Buffer.from(serial.padStart(serial.length + (serial.length % 2), '0'), 'hex')),
    algorithm,
    nameOf(issuer),
    sequence(time(from), time(until)),
    nameOf(subject),
    spki,
    der(0xa3, sequence(...extensions)),
  );
  return pemOf(sequence(body, algorithm, der(tags.bits, Buffer.of(0), sign('sha256', body, signer))));
}

function nameOf(text: string): Buffer {
  if (text === '') return sequence();
  return sequence(der(tags.set, sequence(oid('2.5.4.3'), der(tags.utf8, text))));
}
