/** The private key of a certificate: given, derived from a secret, or one of this node's own. */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Refusal } from '../../core/state.ts';
import { keyIn } from './_chain.ts';

export const keyProperties = {
  key: {
    type: 'string',
    minLength: 1,
    description:
      'The private key, as PEM: ECDSA (P-256 or P-384) or RSA. Nodes that share names are given the same one. Never shown.',
  },
  secret: {
    type: 'string',
    minLength: 16,
    description:
      'A long random text from which a P-256 key is made, instead of `key`: the same on all nodes that are given the same one for the same `name`. Never shown.',
  },
  key_type: {
    type: 'string',
    enum: ['p256', 'p384', 'rsa2048', 'rsa3072', 'rsa4096'],
    default: 'p256',
    description:
      'Kind of the key that is made where neither `key` nor `secret` is given. Such a key stays on this node, so other nodes cannot use its certificate.',
  },
} as const;

export type KeyType = 'p256' | 'p384' | 'rsa2048' | 'rsa3072' | 'rsa4096';

export interface Key {
  readonly object: KeyObject;
  /** PKCS #8. */
  readonly pem: string;
  /** One of this node's own, which its key file does not hold yet. */
  readonly isNew: boolean;
}

export interface KeySource {
  readonly name: string;
  readonly key?: string;
  readonly secret?: string;
  readonly key_type: KeyType;
}

/** `kept` are texts in which a key of this node's own may be, best first. */
export async function keyOf(args: KeySource, kept: readonly string[]): Promise<Key | Refusal> {
  const { key, secret } = args;
  if (key !== undefined && secret !== undefined)
    return { refused: 'Both `key` and `secret` are given.', hint: 'Give one of them.', certain: true };
  if (key !== undefined) {
    const found = keyIn(key);
    const good = found && isUsable(found);
    return good
      ? made(found, false)
      : {
          refused:
            'The `key` is no private key that can be used: ECDSA (P-256, P-384) or RSA, as PEM without a passphrase.',
          hint: 'Make one by `openssl ecparam -name prime256v1 -genkey -noout`.',
          certain: true,
        };
  }
  if (secret !== undefined) return made(derived(secret, args.name), false);
  for (const [index, text] of kept.entries()) {
    const found = keyIn(text);
    if (found && isOfType(found, args.key_type)) return made(found, index > 0);
  }
  return made(await generated(args.key_type), true);
}

function made(object: KeyObject, isNew: boolean): Key {
  return { object, pem: object.export({ type: 'pkcs8', format: 'pem' }).toString(), isNew };
}

const curves: { readonly [name: string]: KeyType } = { prime256v1: 'p256', secp384r1: 'p384' };

function isUsable({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  return type === 'ec'
    ? Object.hasOwn(curves, details?.namedCurve ?? '')
    : type === 'rsa' && (details?.modulusLength ?? 0) >= 2048;
}

function isOfType(
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
  wanted: KeyType,
): boolean {
  return type === 'rsa'
    ? wanted === `rsa${details?.modulusLength}`
    : curves[details?.namedCurve ?? ''] === wanted;
}

/** The order of the group P-256 (SEC 2, 2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** By HKDF (RFC 5869), with 16 bytes more than the key has, so that all keys are as likely (FIPS 186-5, A.2.1). */
export function derived(secret: string, name: string): KeyObject {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', `converge acme.certificate ${name}`, 48));
  const number = (BigInt(`0x${bytes.toString('hex')}`) % (order - 1n)) + 1n;
  const scalar = Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  return createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', d: scalar.toString('base64url'), x: x!, y: y! },
    format: 'jwk',
  });
}

async function generated(type: KeyType): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  if (type === 'p256' || type === 'p384') {
    const namedCurve = type === 'p256' ? 'prime256v1' : 'secp384r1';
    return (await generate('ec', { namedCurve })).privateKey;
  }
  return (await generate('rsa', { modulusLength: Number(type.slice(3)) })).privateKey;
}

/** Says which key it is, and nothing about it. */
export function digestOf({ object }: Key): string {
  const bytes = createPublicKey(object).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
