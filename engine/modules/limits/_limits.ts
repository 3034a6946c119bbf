/** Files of limits (limits.conf(5)): what the two states look at, and the one write of an edit. */
import { isUtf8 } from 'node:buffer';
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';

export const items = [
  ...['core', 'data', 'fsize', 'memlock', 'nofile', 'rss', 'stack', 'cpu', 'nproc', 'as', 'maxlogins'],
  ...[
    'maxsyslogins',
    'nonewprivs',
    'priority',
    'locks',
    'sigpending',
    'msgqueue',
    'nice',
    'rtprio',
    'rttime',
  ],
] as const;

export const limitProperties = {
  domain: {
    type: ['string', 'integer'],
    description:
      'Whom it is for: a user, `@group`, `%group`, a range of ids such as `1000:2000`, or `*`; the name of the state unless given.',
  },
  item: { type: 'string', enum: items, description: 'What is limited, such as `nofile`.' },
  conf_file: {
    type: 'string',
    default: '/etc/security/limits.d/90-converge.conf',
    description: 'The file, in /etc/security.',
  },
} as const;

export interface Now {
  readonly path: string;
  readonly text?: string;
  readonly folder: boolean;
  readonly encoding: 'utf8' | 'latin1';
}

export function readLimits({ conf_file: path }: { readonly conf_file: string }, reader: Reader): Now {
  const bytes = reader.stat(path)?.kind === 'directory' ? undefined : reader.content(path);
  const folder = reader.stat(parentOf(path)) !== undefined;
  if (bytes === undefined) return { path, folder, encoding: 'utf8' };
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return { path, folder, encoding, text: bytes.toString(encoding) };
}

export interface Limit {
  readonly domain: string;
  readonly type: string;
  readonly item: string;
  readonly value: string;
}

/** undefined: a comment, an empty line, or nothing that pam_limits(8) understands. */
export function limitOf(line: string): Limit | undefined {
  const words = line.replace(/#.*$/, '').trim().split(/\s+/);
  const [domain, type, item, value] = words;
  return words.length === 4 ? { domain: domain!, type: type!, item: item!, value: value! } : undefined;
}

export function refuseLimit(domain: string, path: string): Refusal | undefined {
  if (!/^[^\s#]+$/.test(domain)) return { refused: `"${domain}" is no user or group.`, certain: true };
  if (!/^\/etc\/security\/(?:limits\.d\/[\w.-]+|limits)\.conf$/.test(path)) {
    return {
      refused: `${path} is not read by pam_limits.`,
      hint: 'Name a file NAME.conf in /etc/security/limits.d.',
      certain: true,
    };
  }
  return undefined;
}

export function linesOf({ text = '' }: Now): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** A file of which nothing is left goes, unless it is the one of the system. */
export function editStep(now: Now, lines: readonly string[], changes: readonly Change[]): Step {
  const { path, encoding } = now;
  const [change, ...also] = changes;
  const told = { change, ...(also.length > 0 && { also }) };
  if (lines.length === 0 && path.startsWith('/etc/security/limits.d/')) {
    return { ...told, effect: { kind: 'remove', path } };
  }
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(''), encoding);
  const fresh = now.text === undefined ? { mode: 0o644 } : {};
  return { ...told, effect: { kind: 'write', path, content, follow: true, ...fresh } };
}
