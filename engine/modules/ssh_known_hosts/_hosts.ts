/** Lines of known_hosts (sshd(8)): which are about a host, and how its name is written. */
import { createRequire } from 'node:module';
import { byteLines } from '../../core/byte-text.ts';
import { type KeyLine, keyLineOf, keyOf, type SshKey } from '../../core/ssh-key.ts';
import type { Refusal } from '../../core/state.ts';

const require = createRequire(import.meta.url);

export const placeProperties = {
  user: {
    type: 'string',
    minLength: 1,
    description: 'User who is to know the host; without one, every user of the machine.',
  },
  port: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    description: 'Port of the host where it is not 22.',
  },
  config: {
    type: 'string',
    minLength: 1,
    description:
      'Path of the file, relative to the home of the user. Unless given `.ssh/known_hosts`, or `/etc/ssh/ssh_known_hosts` without a user.',
  },
} as const;

export function configOf({ config, user }: { readonly config?: string; readonly user?: string }): string {
  return config ?? (user === undefined ? '/etc/ssh/ssh_known_hosts' : '.ssh/known_hosts');
}

/** A host as the file names it: in small letters, with its port where that is not the usual one. */
export function hostOf(name: string, port: number | undefined): string {
  const bare = name.toLowerCase();
  const bracketed = /^\[(.+)\]:(\d+)$/.exec(bare);
  const host = bracketed?.[1] ?? bare;
  const at = port ?? Number(bracketed?.[2] ?? 22);
  return at === 22 ? host : `[${host}]:${at}`;
}

export function badHost(name: string): Refusal | undefined {
  if (/^(\[[\w.:%-]+\]:\d{1,5}|[\w.:%][\w.:%-]*)$/.test(name)) return undefined;
  return {
    refused: `${JSON.stringify(name)} is not the name of one host.`,
    hint: 'Give one name or address; for a port use the argument of that name.',
    certain: true,
  };
}

export interface HostLine {
  readonly at: number;
  readonly key: KeyLine;
  /** Further hosts of the line. */
  readonly others: readonly string[];
}

/** The lines about a host. Patterns, revoked keys and authorities are left out: they are not about this host alone. */
export function linesOf(text: string, host: string): HostLine[] {
  return byteLines(text).flatMap((line, at) => {
    const key = line.startsWith('@') ? undefined : keyLineOf(line);
    if (key === undefined) return [];
    const names = key.options.split(',');
    const others = names.filter((name) => name.toLowerCase() !== host && !isHashOf(name, host));
    return others.length === names.length ? [] : [{ at, key, others }];
  });
}

/** `|1|salt|hash`: HMAC-SHA1 of the name (HashKnownHosts of ssh_config(5)). */
function isHashOf(name: string, host: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(name) ?? [];
  return salt !== undefined && hmac(Buffer.from(salt, 'base64'), host) === hash;
}

function hmac(salt: Buffer, host: string): string {
  const { createHmac } = require('node:crypto') as typeof import('node:crypto');
  return createHmac('sha1', salt).update(host).digest('base64');
}

/**
 * The name as it is hidden. The salt follows from host and key, so that a dry run foretells the line; who can read
 * the key in the same line learns nothing from it.
 */
export function hashed(host: string, { blob }: SshKey): string {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const salt = createHash('sha1').update(`${host}\0${blob}`).digest();
  return `|1|${salt.toString('base64')}|${hmac(salt, host)}`;
}

/** The text without our host in these lines. */
export function withoutLines(text: string, gone: readonly HostLine[]): string {
  return byteLines(text)
    .map((line, at) => {
      const mine = gone.find((one) => one.at === at);
      return mine ? withoutHost(line, mine) : line;
    })
    .join('');
}

/** The line without our host; '' where no other is left in it. */
function withoutHost(line: string, { others }: HostLine): string {
  return others.length === 0 ? '' : line.replace(/^\s*\S+/, () => others.join(','));
}

/** A `key` argument: the Base64 alone, or with its type before it and a comment after. */
export function keyGiven(text: string): SshKey | undefined {
  const line = keyLineOf(text);
  return line ? { type: line.type, blob: line.blob } : keyOf(text.trim());
}
