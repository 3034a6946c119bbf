/** A certificate with those that issued it, as found in a file or shown by a server. */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { certificatesOf } from '../../core/acme.ts';
import { pemOf } from './_self-signed.ts';

export interface Chain {
  /** The certificate itself first, without a root that is its own issuer. */
  readonly pems: readonly string[];
  readonly leaf: X509Certificate;
  /** In lower case, sorted. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** SHA-256, hex. */
  readonly fingerprint: string;
  readonly isSelfSigned: boolean;
}

/** Undefined where there is none, or one that cannot be understood. */
export function chainOf(text: string): Chain | undefined {
  try {
    return chainFrom(certificatesOf(text).map((pem) => new X509Certificate(pem)));
  } catch {
    return undefined;
  }
}

export function chainOfBytes(certificates: readonly Buffer[]): Chain | undefined {
  return chainOf(certificates.map(pemOf).join('\n'));
}

function chainFrom(all: readonly X509Certificate[]): Chain | undefined {
  const [leaf, ...issuers] = all;
  if (leaf === undefined) return undefined;
  const shown = [leaf, ...issuers.filter((one) => one.issuer !== one.subject)];
  return {
    pems: shown.map(({ raw }) => pemOf(raw)),
    leaf,
    names: namesOf(leaf),
    from: leaf.validFromDate.getTime(),
    until: leaf.validToDate.getTime(),
    fingerprint: createHash('sha256').update(leaf.raw).digest('hex'),
    isSelfSigned: leaf.issuer === leaf.subject,
  };
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const names = subjectAltName.split(', ').flatMap((one) => /^DNS:(.*)$/.exec(one)?.[1]?.toLowerCase() ?? []);
  return [...new Set(names)].sort();
}

/** The first private key of a text; undefined where there is none that can be used without a passphrase. */
export function keyIn(text: string): KeyObject | undefined {
  const [pem] = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/.exec(text) ?? [];
  if (pem === undefined) return undefined;
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

export function belongs({ leaf }: Chain, key: KeyObject): boolean {
  return leaf.checkPrivateKey(key);
}

/** For exactly these names (sorted) and this key. */
export function fits(chain: Chain, names: readonly string[], key: KeyObject): boolean {
  return (
    chain.names.length === names.length &&
    chain.names.every((name, index) => name === names[index]) &&
    belongs(chain, key)
  );
}

/** Each certificate was issued by the one that follows, and there is one that follows the first. */
export function isWhole({ pems }: Chain): boolean {
  const all = pems.map((pem) => new X509Certificate(pem));
  return (
    all.length > 1 &&
    all.slice(1).every((issuer, index) => {
      const one = all[index]!;
      return one.checkIssued(issuer) && one.verify(issuer.publicKey);
    })
  );
}

/** Let's Encrypt calls the issuers of its staging environment so. */
export function isStaged({ leaf }: Chain): boolean {
  return /^(?:CN|O)=\(STAGING\)/m.test(leaf.issuer);
}

/** For reports. */
export function described({ leaf, names, until, isSelfSigned }: Chain): string {
  const serial = leaf.serialNumber.toLowerCase();
  return isSelfSigned
    ? `self-signed, for ${names.join(', ')}`
    : `serial ${serial}, valid until ${moment(until)}`;
}

export function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, '');
}
