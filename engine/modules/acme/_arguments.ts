/** Arguments that the states of certificates share, and what follows from them alone. */
import { createHash } from 'node:crypto';
import { domainName } from '../../core/dns-name.ts';
import { ownedPath } from '../../core/owned.ts';
import { baseOf } from '../../core/path.ts';
import type { Owned, Refusal } from '../../core/state.ts';
import { keyProperties } from './_key.ts';

export const folderProperty = {
  folder: {
    type: 'string',
    pattern: '^/',
    default: '/var/lib/converge/acme',
    description:
      'Where account key, keys of this node’s own, copies of certificates and what is known of failures are kept.',
  },
} as const;

export const certificateProperties = {
  name: {
    type: 'string',
    pattern: '^/',
    description:
      'Absolute path of the file that a server reads: private key, certificate and those that issued it, as haproxy wants it. With `key_file` it holds no key.',
  },
  domains: {
    type: ['string', 'array'],
    items: { type: 'string' },
    minItems: 1,
    description:
      'The domain names that the certificate is for; `*.example.org` stands for all names just below.',
  },
  ...keyProperties,
  key_file: {
    type: 'string',
    pattern: '^/',
    description: 'Puts the private key into a file of its own.',
  },
  chain_file: {
    type: 'string',
    pattern: '^/',
    description: 'Also puts the certificates of the issuers alone into this file.',
  },
  user: { type: ['string', 'integer'], description: 'Owner of the files. Unless given it is left as it is.' },
  group: {
    type: ['string', 'integer'],
    description: 'Group of the files. Unless given it is left as it is.',
  },
  mode: {
    type: ['string', 'integer'],
    pattern: '^(0[oO]?)?[0-7]{3}$',
    default: '0640',
    description: 'Permissions of files that hold the private key; others are 0644.',
  },
  makedirs: {
    type: 'boolean',
    default: false,
    description: 'Make the folders of the files where they are missing.',
  },
  ...folderProperty,
} as const;

/** Most that an authority takes (Let's Encrypt). */
const mostNames = 100;

/** Spelled as they are compared, sorted, each once. */
export function namesOf(given: string | readonly string[]): readonly string[] | Refusal {
  const names = new Set<string>();
  for (const text of [given].flat()) {
    const name = domainName(text);
    // RFC 8555, 7.1.3: one wildcard, as the whole first label; RFC 1123, 2.1: the letters of host names.
    if (name === undefined || !/^(?:\*\.)?(?:[a-z0-9-]+\.)+[a-z0-9-]+$/.test(name)) {
      return {
        refused: `"${text}" is no name that a certificate can be for.`,
        hint: 'Write full names such as www.example.org or *.example.org; names in other letters in their form with xn--.',
        certain: true,
      };
    }
    names.add(name);
  }
  if (names.size > mostNames)
    return { refused: `A certificate has at most ${mostNames} names.`, hint: 'Make several.', certain: true };
  return [...names].sort();
}

export interface Kept {
  /** A key of this node's own. */
  readonly key: string;
  /** The certificate that was had last, with its issuers. */
  readonly chain: string;
  /** The file as it was before. */
  readonly previous: string;
  readonly note: string;
}

/** Where things are kept for a file. */
export function keptFor(name: string, folder: string): Kept {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const readable = baseOf(name)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 60);
  const stem = `${folder}/${readable}-${digest}`;
  return { key: `${stem}.key`, chain: `${stem}.pem`, previous: `${stem}.previous`, note: `${stem}.json` };
}

/** As in the states of files, digits are octal however YAML reads them. NaN for what is none. */
export function modeOf(mode: string | number): number {
  return /[89]/.test(String(mode)) ? Number.NaN : Number.parseInt(String(mode).replace(/^0[oO]/, ''), 8);
}

/** The main file goes with all that is kept of the certificate. */
export function ownedFiles(args: {
  readonly name: string;
  readonly key_file?: string;
  readonly chain_file?: string;
  readonly folder: string;
}): Owned[] {
  const { name, key_file, chain_file, folder } = args;
  const absent = { state: 'acme.certificate_absent', args: { name, folder } };
  const others = [key_file, chain_file].flatMap((path) => (path ? ownedPath('file', path) : []));
  return [{ kind: 'file', name, absent }, ...others];
}
