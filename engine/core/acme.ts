/** Certificates that an authority issues by ACME (RFC 8555): what is ordered, how names are shown to be ours, and what is written. */
import type { DnsService } from './dns.ts';
import type { WriteEffect } from './host.ts';
import { isProcessId, type ProcessId } from './process-id.ts';

/** Certificates as a server shows them in a TLS handshake. */
export interface HandshakeQuery {
  readonly host: string;
  readonly port: number;
  /** The name it is asked for (SNI, RFC 6066). */
  readonly name: string;
}

/** The certificate of the server first, each as DER; or why none was seen, as a phrase. */
export type Handshake = { readonly certificates: readonly Buffer[] } | { readonly unseen: string };

export type AcmeChallenge =
  | {
      readonly type: 'dns-01';
      readonly service: DnsService;
      readonly zone?: string;
      /** `host`, `host:port`: asked for the record before the authority is; those of the zone unless told. */
      readonly nameservers?: readonly string[];
      /** Seconds that they have to answer with it. */
      readonly patience: number;
    }
  | { readonly type: 'http-01'; readonly webroot: string };

/** What is kept of orders between runs. Times are milliseconds since the epoch. */
export interface AcmeNote {
  /** What was wanted then: where something else is wanted now, nothing of this counts. */
  readonly target: string;
  /** Since when another node may have ordered it. */
  readonly since?: number;
  /** Orders in a row that failed. */
  readonly failures?: number;
  /** Not to be tried before. */
  readonly next?: number;
  /** Why the last one failed, as a sentence. */
  readonly reason?: string;
  /** The run that orders one, unless it has ended in the middle. */
  readonly by?: ProcessId;
  /** SHA-256 of a certificate that was put back, since it was not served. */
  readonly rejected?: string;
  /** In a dry run: it would have been ordered. */
  readonly foretold?: true;
}

/** One file that the certificate goes into. */
export interface AcmeFile extends Pick<WriteEffect, 'path' | 'user' | 'group' | 'mode'> {
  /** What stands before the certificates. */
  readonly before: string;
  /** `issuers`: without the certificate itself. */
  readonly certificates: 'all' | 'issuers' | 'none';
}

export interface AcmeEffect {
  readonly kind: 'acme';
  /** Address of the directory. */
  readonly directory: string;
  readonly names: readonly string[];
  /** Private key of the certificate, as PEM. */
  readonly key: string;
  readonly account: {
    /** Its private key as PEM; else that in the file, which is made where it is not there. */
    readonly key?: string;
    readonly file: string;
    readonly emails: readonly string[];
    readonly binding?: { readonly id: string; readonly key: string };
  };
  readonly profile?: string;
  /** Which certificate it takes the place of (RFC 9773, 4.1). */
  readonly replaces?: string;
  readonly challenge: AcmeChallenge;
  /** Where a copy of it stays, whatever becomes of the files: also when the run is undone. */
  readonly copy: string;
  /** Written when it was issued. */
  readonly files: readonly AcmeFile[];
  /** Written just before them: the certificate that they take the place of. */
  readonly previous?: WriteEffect;
  readonly note: { readonly path: string; readonly content: AcmeNote };
  /** Seconds from the first failure to the next attempt, and at most. */
  readonly pause: { readonly first: number; readonly most: number };
  /** The certificate at hand will do for long enough: then a failure is only a warning. */
  readonly tolerant: boolean;
  /** What a dry run leaves, so that nothing more seems to be wanted. */
  readonly presumes: readonly WriteEffect[];
}

const oneCertificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates of a text, each as PEM without anything around it. */
export function certificatesOf(text: string): string[] {
  return text.match(oneCertificate) ?? [];
}

/** What a file holds when the certificates are these. */
export function acmeContent(
  { before, certificates }: Pick<AcmeFile, 'before' | 'certificates'>,
  chain: readonly string[],
): Buffer {
  const shown = { all: chain, issuers: chain.slice(1), none: [] }[certificates];
  return Buffer.from(before + shown.map((pem) => `${pem.trim()}\n`).join(''));
}

/** Undefined for what is no note of ours. */
export function acmeNoteOf(text: string): AcmeNote | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) return undefined;
    const { target, since, failures, next, reason, by, rejected, foretold } = found as Record<
      string,
      unknown
    >;
    if (typeof target !== 'string') return undefined;
    return {
      target,
      ...(isTime(since) ? { since } : {}),
      ...(isTime(failures) ? { failures } : {}),
      ...(isTime(next) ? { next } : {}),
      ...(typeof reason === 'string' ? { reason: reason.slice(0, 500) } : {}),
      ...(isProcessId(by) ? { by } : {}),
      ...(typeof rejected === 'string' ? { rejected } : {}),
      ...(foretold === true ? { foretold } : {}),
    };
  } catch {
    return undefined;
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
