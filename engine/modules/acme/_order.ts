/** What is to be ordered, of whom, and how names are shown to be ours: from the arguments of a state. */
import type { AcmeChallenge, AcmeEffect } from '../../core/acme.ts';
import { serviceOf, serviceProperties } from '../../core/dns-service.ts';
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Refusal } from '../../core/state.ts';
import { keyIn } from './_chain.ts';
import { type Held, noteWrite, previousOf } from './_held.ts';

const production = 'https://acme-v02.api.letsencrypt.org/directory';
const stagingPlace = 'https://acme-staging-v02.api.letsencrypt.org/directory';

export const orderProperties = {
  directory: {
    type: 'string',
    pattern: '^https://',
    description: `Address of the directory of the authority. Unless given it is that of Let's Encrypt, \`${production}\`.`,
  },
  staging: {
    type: 'boolean',
    default: false,
    description:
      "Order from the staging environment of Let's Encrypt, whose certificates nobody trusts and whose limits are wide. Once it is false, such a certificate is replaced.",
  },
  profile: {
    type: 'string',
    minLength: 1,
    description: 'Profile of the certificate, of those that the authority offers: `shortlived`, `tlsserver`.',
  },
  email: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Addresses at which the authority can reach whoever has the account.',
  },
  terms_agreed: {
    type: 'boolean',
    default: true,
    description: 'That you agree to the terms of service of the authority; without that it issues nothing.',
  },
  account_key: {
    type: 'string',
    minLength: 1,
    description:
      'Private key of the account, as PEM. Unless given, each node makes one of its own when it orders first. Never shown.',
  },
  binding: {
    type: 'object',
    properties: {
      id: { type: 'string', minLength: 1, description: 'The id of the key.' },
      key: { type: 'string', minLength: 1, description: 'The key in base64url; never shown.' },
    },
    required: ['id', 'key'],
    additionalProperties: false,
    description:
      'Ties a new account to one that exists elsewhere, where the authority wants that (external account binding).',
  },
  dns: {
    type: 'object',
    properties: serviceProperties,
    additionalProperties: false,
    description:
      'Where the records are put that show that the names are ours, as for `dns.record`: `provider`, `zone`, `server`, `key`, `token`. Unless given, all from the pillar below `dns`.',
  },
  nameservers: {
    type: ['string', 'array'],
    items: { type: 'string' },
    minItems: 1,
    description:
      'Nameservers (`host` or `host:port`) that have to answer with such a record before the authority is asked to look. Unless given, all those of the zone.',
  },
  propagation: {
    type: 'integer',
    minimum: 1,
    maximum: 3600,
    default: 180,
    description: 'Seconds that they have for it.',
  },
  webroot: {
    type: 'string',
    pattern: '^/',
    description:
      'Folder that a web server on port 80 of all the names serves: then it is a file below it that shows that they are ours, instead of a record. Not for wildcards.',
  },
} as const;

export type OrderArguments = ArgumentsOf<typeof orderProperties>;

export type Wanted = Pick<AcmeEffect, 'directory' | 'account' | 'challenge' | 'profile'>;

export function directoryOf({ directory, staging }: Pick<OrderArguments, 'directory' | 'staging'>): string {
  return directory ?? (staging ? stagingPlace : production);
}

export function wantedOf(
  args: OrderArguments,
  names: readonly string[],
  folder: string,
  reader: Reader,
): Wanted | Refusal {
  if (args.terms_agreed === false)
    return wrong('Without agreement to the terms of service no certificate is issued', 'Set `terms_agreed`.');
  if (args.directory !== undefined && args.staging)
    return wrong('Both `directory` and `staging` are given', 'Give one of them.');
  const directory = directoryOf(args);
  if (!URL.canParse(directory)) return wrong(`"${directory}" is no address of a directory`);
  if (args.account_key !== undefined && keyIn(args.account_key) === undefined)
    return wrong('The `account_key` is no private key', 'Give it as PEM, without a passphrase.');
  const emails = [args.email ?? []].flat();
  const odd = emails.find((one) => !/^[^\s@:,?]+@[^\s@:,?]+$/.test(one));
  if (odd !== undefined) return wrong(`"${odd}" is no address of e-mail`);
  const challenge = challengeOf(args, names, reader);
  if ('refused' in challenge) return challenge;
  return {
    directory,
    account: {
      file: `${folder}/account-${new URL(directory).host.replace(/[^\w.-]/g, '_')}.key`,
      emails,
      ...(args.account_key === undefined ? {} : { key: args.account_key }),
      ...(args.binding === undefined ? {} : { binding: args.binding }),
    },
    challenge,
    ...(args.profile === undefined ? {} : { profile: args.profile }),
  };
}

function challengeOf(
  args: OrderArguments,
  names: readonly string[],
  reader: Reader,
): AcmeChallenge | Refusal {
  const { webroot, dns = {}, nameservers, propagation } = args;
  if (webroot !== undefined) {
    const wildcard = names.find((name) => name.startsWith('*'));
    if (wildcard === undefined) return { type: 'http-01', webroot };
    return wrong(`${wildcard} cannot be shown to be ours by a web server`, 'Leave out `webroot`.');
  }
  const told = serviceOf(dns, reader);
  if ('refused' in told) return told;
  const zones = new Set(names.map((name) => told.zoneOf(name.replace(/^\*\./, ''))));
  const [zone] = zones.size === 1 ? zones : [];
  return {
    type: 'dns-01',
    service: told.service,
    patience: propagation,
    ...(zone === undefined ? {} : { zone }),
    ...(nameservers === undefined ? {} : { nameservers: [nameservers].flat() }),
  };
}

/** Nobody is asked for anything, so what it would take need not be known. */
export function noOrder(directory: string): Wanted {
  const challenge = { type: 'http-01', webroot: '/' } as const;
  return { directory, account: { file: '', emails: [] }, challenge };
}

interface Ordering {
  readonly held: Held;
  readonly wanted: Wanted;
  readonly replaces?: string;
}

export function orderEffect(
  { held, wanted, replaces }: Ordering,
  pause: AcmeEffect['pause'],
  tolerant: boolean,
): AcmeEffect {
  const { names, key, outputs, kept, note } = held;
  const previous = previousOf(held);
  return {
    kind: 'acme',
    ...wanted,
    names,
    key: key.pem,
    ...(replaces ? { replaces } : {}),
    copy: kept.chain,
    files: outputs.map(({ path, before, certificates, user, group, mode }) => ({
      path,
      before,
      certificates,
      mode,
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
    })),
    ...(previous ? { previous } : {}),
    note: { path: kept.note, content: note },
    pause,
    tolerant,
    presumes: [noteWrite(kept.note, { target: note.target, foretold: true })],
  };
}

export function wrong(what: string, hint?: string): Refusal {
  return { refused: `${what}.`, ...(hint ? { hint } : {}), certain: true };
}
