/** The password of an account: what it should be, and the command that sets it without showing it to anybody. */
import { settledRecord, shadowRecord } from '../../core/accounts.ts';
import type { Shadow } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { sha512Crypt } from './_crypt.ts';

export const passwordProperties = {
  password: {
    type: 'string',
    description:
      'Hash of the password, as crypt(5) has it (`openssl passwd -6` makes one). It is never shown, nor given to a command in a way that others could see.',
  },
  hash_password: {
    type: 'boolean',
    default: false,
    description: '`password` is the password itself: it is hashed by SHA-512 before it is set.',
  },
  enforce_password: {
    type: 'boolean',
    default: true,
    description: 'false: leave the password alone once the user has one.',
  },
  empty_password: {
    type: 'boolean',
    default: false,
    description: 'Let the user log in without a password, where the services allow it.',
  },
  password_lock: {
    type: 'boolean',
    description:
      'Whether the password is locked, so that none opens the account; keys of ssh still do. Left alone unless given.',
  },
} as const;

export interface PasswordArguments {
  readonly password?: string;
  readonly hash_password?: boolean;
  readonly enforce_password?: boolean;
  readonly empty_password?: boolean;
  readonly password_lock?: boolean;
}

const secret = '(hidden)';
const looksHashed = /^([!*]|\$[\w-]+\$|_[./0-9A-Za-z]{19}$|[./0-9A-Za-z]{13}$)/;

export function badPassword(args: PasswordArguments): Refusal | undefined {
  const { password = '', empty_password, hash_password } = args;
  if (password === '') return undefined;
  if (empty_password) {
    return {
      refused: 'password and empty_password cannot be given together.',
      hint: 'Remove one of them.',
      certain: true,
    };
  }
  if (hash_password) {
    return /[\0\n]/.test(password)
      ? { refused: 'A password cannot hold a newline or a NUL character.', certain: true }
      : undefined;
  }
  if (!/[:\s\p{Cc}]/u.test(password) && looksHashed.test(password)) return undefined;
  return {
    refused: 'password is not the hash of a password.',
    hint: 'Make one by `openssl passwd -6`, or set hash_password: true to have a plain password hashed.',
    certain: true,
  };
}

/** The hash that is to be stored; where a plain password fits the present one, that. */
function wantedHash(args: PasswordArguments, now: string): string {
  if (args.empty_password) return '';
  const { password = '', hash_password, enforce_password = true } = args;
  // Salt: a password that was never set is set even where it is not enforced.
  if (password === '' || (!enforce_password && !/^!+$/.test(now))) return now;
  return hash_password ? sha512Crypt(password, now.replace(/^!+/, '')) : password;
}

/** What /etc/shadow should hold. Looks nothing up, but hashes: so it belongs to `read`. */
export function wantedPassword(args: PasswordArguments, now: string): string {
  const hash = wantedHash(args, now);
  if (args.password_lock === undefined) return hash;
  return args.password_lock ? hash.replace(/^(?!!)/, '!') : hash.replace(/^!+/, '');
}

/** Locked without a password: there is nothing to be unlocked. */
export function cannotUnlock(
  name: string,
  now: Shadow,
  wanted: string,
  { empty_password }: PasswordArguments,
): Refusal | undefined {
  if (wanted !== '' || empty_password || !/^!+$/.test(now.password)) return undefined;
  return {
    refused: `${name} has no password that could be unlocked.`,
    hint: 'Give a password, or set empty_password: true.',
  };
}

/** The step, if one is needed, and the record afterwards. Days count from 1970-01-01. */
export function passwordSteps(
  name: string,
  now: Shadow,
  wanted: string,
  today: number,
): { steps: Step[]; shadow: Shadow } {
  if (wanted === now.password) return { steps: [], shadow: now };
  const lock = lockOption(now.password, wanted);
  const shadow = { ...now, password: wanted, ...(lock === undefined && { lastChange: today }) };
  const command =
    lock === undefined
      ? { argv: ['chpasswd', '-e'], stdin: `${name}:${wanted}\n` }
      : { argv: ['usermod', lock, '--', name] };
  const [change, ...also] = changesOf(now.password, wanted);
  return {
    steps: [
      {
        change,
        also,
        effect: {
          kind: 'exec',
          command,
          settles: [settledRecord('/etc/shadow', name, shadowRecord(name, shadow))],
          foreseen: true,
        },
      },
    ],
    shadow,
  };
}

/** Only locked or unlocked: then the day of the last change stays. */
function lockOption(now: string, wanted: string): '-L' | '-U' | undefined {
  if (wanted === `!${now}`) return '-L';
  return now === `!${wanted}` && wanted !== '' ? '-U' : undefined;
}

function changesOf(now: string, wanted: string): Change[] {
  const changes: Change[] = [];
  const old = now.replace(/^!+/, '');
  if (old !== wanted.replace(/^!+/, '')) {
    changes.push({
      subject: 'password',
      ...(old !== '' && { old: secret }),
      new: wanted === '' ? '' : secret,
    });
  }
  const locked = now.startsWith('!');
  // Who never had a password was locked for want of one: that is not what changes.
  if (old === '' && changes.length > 0) return changes;
  if (locked !== wanted.startsWith('!') || changes.length === 0) {
    changes.push({ subject: 'password_lock', old: locked, new: wanted.startsWith('!') });
  }
  return changes;
}
