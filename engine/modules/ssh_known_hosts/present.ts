/** ssh_known_hosts.present: the key of a host is known, so that ssh need not ask. */
import { withLine } from '../../core/byte-text.ts';
import type { Outcome, Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type SshFile, sshFile, sshFileSteps } from '../../core/ssh-file.ts';
import { isTypeOf, keyLineOf, type SshKey, sameKey } from '../../core/ssh-key.ts';
import { type Change, type Common, defineState, type Plan, type Refusal } from '../../core/state.ts';
import { fingerprintOf, hasFingerprint } from './_fingerprint.ts';
import {
  badHost,
  configOf,
  hashed,
  hostOf,
  keyGiven,
  linesOf,
  placeProperties,
  withoutLines,
} from './_hosts.ts';

const properties = {
  name: { type: 'string', minLength: 1, description: 'Name or address of the host, as ssh is told it.' },
  ...placeProperties,
  key: {
    type: 'string',
    minLength: 1,
    description: 'The public key of the host: its Base64, or type and Base64. Then nothing is fetched.',
  },
  enc: {
    type: 'string',
    minLength: 1,
    description: 'Type of the key, such as `ssh-ed25519`: only keys of this type count.',
  },
  fingerprint: {
    type: 'string',
    minLength: 1,
    description: 'Fingerprint that a key has to have, as `SHA256:…` or in hexadecimal digits.',
  },
  fingerprint_hash_type: {
    type: 'string',
    enum: ['md5', 'sha1', 'sha256', 'sha384', 'sha512'],
    default: 'sha256',
    description: 'How `fingerprint` was made, where it does not say so itself.',
  },
  hash_known_hosts: {
    type: 'boolean',
    default: true,
    description: 'Write the name of the host as a hash, so that the file does not tell it to others.',
  },
  timeout: {
    type: 'integer',
    minimum: 1,
    default: 5,
    description: 'Seconds to wait for the host when its keys are fetched.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly file: SshFile;
  /** Keys that the host showed, where it had to be asked. */
  readonly fetched?: readonly SshKey[];
  readonly refusal?: Refusal;
}

export default defineState({
  summary: 'the key of the host is known',
  description: `With \`key\` nothing but the file is looked at. Without it, the keys are fetched from the host itself by ssh-keyscan, once, where
the file knows none of them yet (in a dry run, too): with \`fingerprint\` only a key that has it is taken; with
neither, whatever the host shows is believed, which is only safe on a network that is.

A key of the same type that the file holds for the host is replaced; keys of other types, lines of several hosts,
patterns and authorities stay. Names that are hashed are recognised.

Unlike Salt: ssh_known_hosts.present with several states of one host keeps a key of each type.

Unlike Salt: ssh_known_hosts.present takes the type of a \`key\` from the key itself, so \`enc\` need not be given with it.`,
  properties,
  examples: [
    {
      title: 'a host that all users know, by its key',
      sls: `git.example.test:
  ssh_known_hosts.present:
    - key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi
    - port: 2222
    - hash_known_hosts: false
`,
    },
    {
      title: 'a host that one user knows',
      sls: `backup.example.test:
  ssh_known_hosts.present:
    - user: app
    - key: AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi
    - enc: ssh-ed25519
    - config: /etc/ssh/known/%u
`,
    },
  ],
  owns({ name, user, port, config }) {
    const args = {
      name,
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(config !== undefined && { config }),
    };
    const whose = `${user ?? 'all users'}: ${hostOf(name, port)}`;
    return [{ kind: 'known-host', name: whose, absent: { state: 'ssh_known_hosts.absent', args } }];
  },
  read,
  plan,
});

const unasked: Refusal = {
  refused: 'No host is asked for its keys for a tree below another root than /.',
  hint: 'Give the key.',
};

function read(args: Arguments, reader: Reader): Now | Promise<Now> {
  const file = sshFile({ user: args.user, config: configOf(args) }, reader);
  if (args.key !== undefined || badArguments(args) || file.refusal) return { file };
  const known = linesOf(file.text, hostOf(args.name, args.port));
  if (known.some(({ key }) => suits(key, args))) return { file };
  if (reader.rooted) return { file, refusal: unasked };
  return fetchKeys(args, reader).then((found) =>
    'refused' in found ? { file, refusal: found } : { file, fetched: found },
  );
}

/** Whether a key is one of those that the arguments ask for. */
function suits(key: SshKey, { enc, fingerprint, fingerprint_hash_type }: Arguments): boolean {
  if (enc !== undefined && !isTypeOf(enc, key)) return false;
  return fingerprint === undefined || hasFingerprint(key, fingerprint, fingerprint_hash_type);
}

async function fetchKeys(args: Arguments, reader: Reader): Promise<readonly SshKey[] | Refusal> {
  const [, host = args.name, port = 22] = /^\[(.+)\]:(\d+)$/.exec(args.name) ?? [];
  const argv = ['ssh-keyscan', '-T', String(args.timeout), '-p', String(args.port ?? port), '--', host];
  const outcome = await reader.probe({ argv, timeout: args.timeout + 30 });
  const keys = outcome.stdout.split('\n').flatMap((line) => keyLineOf(line) ?? []);
  if (keys.length === 0) return notFetched(args.name, outcome);
  const good = keys.filter((key) => suits(key, args));
  if (good.length > 0) return good;
  const shown = keys.map((key) => `${key.type} ${fingerprintOf(key)}`).join(', ');
  return {
    refused: `${args.name} shows no key that was asked for, but ${shown}.`,
    hint: 'Find out by another way whether the host has new keys or is not the one that is meant.',
  };
}

function notFetched(name: string, { status, stderr }: Outcome): Refusal {
  if (status === 127) {
    return {
      refused: 'The keys of a host cannot be fetched: ssh-keyscan is missing.',
      hint: 'Install openssh-client (Debian) or openssh-clients (RPM) before, or give the key.',
    };
  }
  const said = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .at(-1);
  return {
    refused: `${name} shows no key${said === undefined ? '' : ` (${said.trim()})`}.`,
    hint: 'Check name and port, or give the key.',
  };
}

function badArguments({ name, key, enc, fingerprint }: Arguments): Refusal | undefined {
  const bad = badHost(name);
  if (bad || key === undefined) return bad;
  const found = keyGiven(key);
  if (found === undefined || /[\r\n\0]/.test(key.trim())) {
    return {
      refused: 'key is not the public key of a host, or not all of it.',
      hint: 'Give what `ssh-keyscan` prints after the name of the host.',
      certain: true,
    };
  }
  if (fingerprint !== undefined) {
    return { refused: 'key and fingerprint cannot be given together.', hint: 'Remove one.', certain: true };
  }
  if (enc === undefined || isTypeOf(enc, found)) return undefined;
  return { refused: `The key is of type ${found.type}, not ${enc}.`, hint: 'Leave enc out.', certain: true };
}

function plan(args: Arguments, { file, fetched, refusal }: Now): Plan {
  const wrong = badArguments(args) ?? file.refusal ?? refusal;
  if (wrong) return wrong;
  const keys = args.key === undefined ? (fetched ?? []) : [keyGiven(args.key)!];
  const host = hostOf(args.name, args.port);
  let text = file.text;
  const changes: Change[] = [];
  for (const key of keys) {
    const same = linesOf(text, host).filter((line) => line.key.type === key.type);
    if (same.length > 0 && same.every((line) => sameKey(line.key, key))) continue;
    const wrongs = same.filter((line) => !sameKey(line.key, key));
    const old = wrongs.map((line) => line.key.blob).join(', ');
    changes.push({ subject: `${host} ${key.type}`, ...(old !== '' && { old }), new: key.blob });
    text = withoutLines(text, wrongs);
    if (wrongs.length === same.length) {
      const name = args.hash_known_hosts ? hashed(host, key) : host;
      text = withLine(text, `${name} ${key.type} ${key.blob}`);
    }
  }
  // Salt: what only one user reads is private to it, what all read is not.
  return sshFileSteps(file, text, changes, args.user === undefined ? 0o644 : 0o600);
}
