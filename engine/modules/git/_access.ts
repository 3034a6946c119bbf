/** Who git runs as and how it proves that to a remote: nothing secret is ever on a command line or in a file. */
import type { Command, Outcome, Reader } from '../../core/host.ts';
import type { Refusal, Verdict } from '../../core/state.ts';
import { pathOf } from './_path.ts';

export const accessProperties = {
  user: {
    type: ['string', 'integer'],
    description:
      'User that git runs as, and that a new repository belongs to. Unless given, the owner of the repository that is there, or the user that runs converge.',
  },
  identity: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description:
      'Absolute path of the private key for ssh, or a list of them. It has to be readable for the user that git runs as.',
  },
  https_user: { type: 'string', description: 'User name for a remote by https.' },
  https_pass: {
    type: 'string',
    description: 'Password or token for a remote by https; it is neither shown nor stored anywhere.',
  },
  output_encoding: {
    type: 'string',
    description: 'Accepted for Salt trees: what git prints is read as UTF-8.',
  },
} as const;

export interface AccessArguments {
  readonly user?: string | number;
  readonly identity?: string | readonly string[];
  readonly https_user?: string;
  readonly https_pass?: string;
}

/** What a command of git needs beside its words. */
export interface Access {
  /** Undefined: as converge itself. */
  readonly user?: string;
  readonly uid: number;
  readonly gid: number;
  readonly env: { readonly [name: string]: string | null };
  /** Options before the command's name. */
  readonly options: readonly string[];
  /** A key, or what is known of hosts, comes from an earlier state of a dry run: git cannot use it yet. */
  readonly newborn: boolean;
}

/** A remote's address without what is secret in it. */
export interface Remote {
  readonly url: string;
  readonly login?: { readonly user: string; readonly password: string };
}

const always = [
  // An address such as `ext::sh -c …` would run any command.
  ...['-c', 'protocol.ext.allow=never'],
  // What still runs when the command has ended would be stopped with it.
  ...['-c', 'gc.autoDetach=false', '-c', 'maintenance.autoDetach=false'],
  ...['-c', 'advice.detachedHead=false'],
];

/** Nobody is there to answer questions, and no variable of our own environment may lead git elsewhere. */
const environment = {
  GIT_TERMINAL_PROMPT: '0',
  SSH_ASKPASS: null,
  GIT_DIR: null,
  GIT_WORK_TREE: null,
  GIT_INDEX_FILE: null,
  GIT_OBJECT_DIRECTORY: null,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: null,
  GIT_COMMON_DIR: null,
  GIT_NAMESPACE: null,
  GIT_CONFIG_PARAMETERS: null,
};

/** git runs this text by a shell, with what it wants behind it; what the user gave comes in by variables. */
const helper =
  '!f() { test "$1" != get || printf "username=%s\\npassword=%s\\n" "$CONVERGE_GIT_USER" "$CONVERGE_GIT_PASS"; }; f';

/**
 * The address of a remote and what it takes to log in. A password inside the address is taken out of it, because it
 * would be stored in the repository. Unlike Salt: git states never store or show a password that is part of an https
 * address.
 */
export function remoteOf(name: string, args: AccessArguments): Remote | Refusal {
  if (name === '' || name.startsWith('-') || hasControls(name)) {
    return { refused: 'The name is no address of a repository.', certain: true };
  }
  const inside = /^(https?:\/\/)([^/@]*)@(.*)$/i.exec(name);
  const [innerUser, innerPassword] = inside
    ? inside[2]!.includes(':')
      ? [inside[2]!.replace(/:.*/s, ''), inside[2]!.replace(/^[^:]*:/, '')]
      : [inside[2]!]
    : [];
  const user = args.https_user ?? decoded(innerUser);
  const password = args.https_pass ?? decoded(innerPassword);
  const url = inside && innerPassword !== undefined ? `${inside[1]}${inside[3]}` : name;
  if (user === undefined && password === undefined) return { url };
  if (innerUser !== undefined && password === undefined) return { url };
  if (!/^https:\/\//i.test(url)) {
    return {
      refused:
        'A user name and a password are only for a remote by https: elsewhere everybody could read them.',
      hint: 'Write the address as https://, or use ssh and `identity`.',
      certain: true,
    };
  }
  if (hasControls(`${user}${password}`)) {
    return { refused: 'A user name or password for a remote cannot hold control characters.', certain: true };
  }
  return { url, login: { user: user ?? '', password: password ?? '' } };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasControls(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}

/** `owner`: of the repository that is there. */
export function accessOf(
  args: AccessArguments,
  remote: Remote | undefined,
  owner: { readonly uid: number; readonly gid: number } | undefined,
  reader: Reader,
): Access | Refusal {
  const self = reader.self;
  const wanted = args.user === undefined ? undefined : reader.user(args.user);
  if (args.user !== undefined && wanted === undefined) {
    return { refused: `There is no user "${args.user}".`, hint: 'Require the state that makes it.' };
  }
  if (wanted && owner && wanted.uid !== owner.uid) {
    return {
      refused: `The repository belongs to ${reader.user(owner.uid)?.name ?? owner.uid}, not to ${wanted.name}.`,
      hint: 'Change its owner (file.directory with recurse), or leave out `user`.',
    };
  }
  const account = wanted ?? (owner ? reader.user(owner.uid) : undefined);
  const uid = wanted?.uid ?? owner?.uid ?? self.uid;
  if (uid !== self.uid && account === undefined) {
    return {
      refused: `The repository belongs to the user id ${uid}, which no user has.`,
      hint: 'Change its owner; git works on a repository for its owner only.',
    };
  }
  const ssh = sshOf(args.identity, reader);
  if ('refused' in ssh) return ssh;
  const login = remote?.login;
  const scope = remote && /^(https:\/\/[^/?#]+)/i.exec(remote.url)?.[1];
  return {
    ...(uid !== self.uid && { user: account!.name }),
    uid,
    gid: uid === self.uid ? (owner?.gid ?? self.gid) : account!.gid,
    env: {
      ...environment,
      ...(uid === self.uid &&
        reader.environment()['HOME'] === undefined &&
        account && { HOME: account.home }),
      ...ssh.env,
      ...(login && { CONVERGE_GIT_USER: login.user, CONVERGE_GIT_PASS: login.password }),
    },
    options: [
      ...always,
      // Only this host is told, whatever submodules or redirections lead to.
      ...(login ? ['-c', 'credential.helper=', '-c', `credential.${scope}.helper=${helper}`] : []),
    ],
    newborn: [...ssh.files, '/etc/ssh/ssh_known_hosts', `${account?.home ?? '/root'}/.ssh/known_hosts`].some(
      (path) => reader.stat(path)?.inode.startsWith('overlay:'),
    ),
  };
}

/**
 * The text is read by a shell, so paths come in by variables.
 * Unlike Salt: git states accept a remote's host key only where it is known already (ssh_known_hosts.present).
 */
function sshOf(
  identity: AccessArguments['identity'],
  reader: Reader,
): { readonly env: { readonly [name: string]: string }; readonly files: readonly string[] } | Refusal {
  const files: { [name: string]: string } = {};
  const options: string[] = [];
  for (const [index, given] of [identity ?? []].flat().entries()) {
    if (given.startsWith('salt://')) {
      return {
        refused: `The key ${given} lies in the file roots.`,
        hint: 'Put it down by file.managed with mode 0600 and name that file.',
        certain: true,
      };
    }
    const path = pathOf(given, reader);
    if (reader.stat(path) === undefined) {
      return { refused: `The key ${path} does not exist.`, hint: 'Require the state that puts it down.' };
    }
    files[`CONVERGE_GIT_KEY_${index}`] = path;
    options.push(`-i "$CONVERGE_GIT_KEY_${index}"`);
  }
  const given = reader.environment();
  if (options.length === 0 && (given['GIT_SSH_COMMAND'] ?? given['GIT_SSH']) !== undefined)
    return { env: {}, files: [] };
  const only = options.length > 0 ? ['-o IdentitiesOnly=yes', ...options] : [];
  const command = ['ssh -o BatchMode=yes -o ConnectTimeout=30', ...only].join(' ');
  return { env: { ...files, GIT_SSH_COMMAND: command }, files: Object.values(files) };
}

/** One call of git. */
export function git(words: readonly string[], access: Access, cwd: string): Command {
  return {
    argv: ['git', ...access.options, ...words],
    cwd,
    env: access.env,
    ...(access.user !== undefined && { user: access.user }),
  };
}

/** What git said, in the user's words: for a refusal, or a step that failed. */
export function complaint(outcome: Outcome): { readonly what: string; readonly hint?: string } {
  if (outcome.status === 127 && outcome.pid === 0) {
    return { what: `git cannot be run: ${outcome.stderr}`, hint: 'Install git first (pkg.installed: git).' };
  }
  const lines = outcome.stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => /^(fatal|error|remote|ssh|warning):|denied|refused|failed/i.test(line));
  const what = [...new Set(said.length > 0 ? said : lines.filter(Boolean).slice(-3))].slice(0, 6).join(' ');
  const hint = hints.find(([pattern]) => pattern.test(outcome.stderr))?.[1];
  return hint === undefined ? { what } : { what, hint };
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/Host key verification failed/, 'Make its host key known first (ssh_known_hosts.present).'],
  [
    /Permission denied \(publickey/,
    'Give the key by `identity`; the user that git runs as has to be able to read it.',
  ],
  [/could not read (Username|Password)|Authentication failed/, 'Give https_user and https_pass.'],
  [/dubious ownership/, 'The repository and its .git have to belong to the user that git runs as.'],
  [/Not possible to fast-forward|non-fast-forward/, 'Set force_reset: true to drop the local commits.'],
  [/would clobber existing tag/, 'A tag was moved on the remote; set force_fetch: true to follow it.'],
  [/untracked working tree files would be overwritten/, 'Move these files away.'],
  [/\.lock': File exists/, 'Another git is at work there; if not, remove that file.'],
  [/detected dubious|Could not resolve host/, 'Check the address and the name service.'],
];

/** Of the states that run git: what their output means. */
export function judge(_args: unknown, outcome: Outcome): Verdict {
  if (outcome.status === 0) return { changes: {} };
  const { what, hint } = complaint(outcome);
  return { failed: true, comment: hint === undefined ? what : `${what}\n${hint}`, changes: {} };
}
