/** What lies at the path a file state names. */
import { ArgumentTrouble, HostTrouble, type Reader, type Stat } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

/**
 * The absolute path of a `name` or `source` argument: `~` expanded, doubled and trailing slashes dropped.
 * `..` is left alone, because with symbolic links it cannot be resolved by looking at the text.
 * Throws HostTrouble where the argument is no absolute path.
 */
export function pathOf(name: string, reader: Reader): string {
  let path = name;
  if (path.startsWith('~')) path = expandHome(path, reader);
  if (!path.startsWith('/')) {
    throw new ArgumentTrouble(`"${name}" is not an absolute path.`, 'Write the path from the root: /etc/….');
  }
  if (path.includes('\0')) throw new ArgumentTrouble('A path cannot hold a NUL character.');
  if (path.includes('//')) path = path.replace(/\/{2,}/g, '/');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function expandHome(path: string, reader: Reader): string {
  const end = path.indexOf('/');
  const who = end < 0 ? path.slice(1) : path.slice(1, end);
  const home = reader.user(who === '' ? reader.self.uid : who)?.home;
  if (home === undefined) {
    throw new HostTrouble(
      `"${path}" names a home directory, but there is no user "${who || reader.self.uid}".`,
    );
  }
  return end < 0 ? home : home + path.slice(end);
}

/** stat: what a path leads to, links followed. Undefined for a link that leads nowhere. */
export function followed(path: string, reader: Reader): Stat | undefined {
  const stat = reader.stat(path);
  if (stat?.kind !== 'link') return stat;
  const real = reader.stat(reader.resolve(path));
  return real?.kind === 'link' ? undefined : real;
}

/** A path and what lies there now. */
export interface There {
  readonly path: string;
  /** Of the entry itself, or of what it leads to where links are followed. */
  readonly stat: Stat | undefined;
  /** Whether `path` itself is a symbolic link that is followed. */
  readonly through: boolean;
  /** Bytes of a regular file. */
  readonly content: Buffer | undefined;
}

/** Looks at the file a state names. With `follow`, through symbolic links. */
export function lookAt(path: string, reader: Reader, follow: boolean): There {
  let stat = reader.stat(path);
  const through = follow && stat?.kind === 'link';
  if (through) stat = followed(path, reader);
  const content = stat?.kind === 'file' ? reader.content(path) : undefined;
  return { path, stat, through, content };
}

/** Why what lies at a path cannot be treated as a file: a directory, a socket… Undefined for a file, or nothing. */
export function notAFile(there: There): Refusal | undefined {
  const kind = there.stat?.kind;
  switch (kind) {
    case undefined:
    case 'file':
    case 'link':
      return undefined;
    case 'directory':
      return { refused: `${there.path} is a directory.`, hint: 'Name a file, or use file.directory.' };
    default:
      return {
        refused: `${there.path} is ${kindName(kind)}, not a file.`,
        hint: 'Remove it first (file.absent).',
      };
  }
}

/** A kind of entry with its article, for sentences. */
export function kindName(kind: Stat['kind']): string {
  switch (kind) {
    case 'file':
      return 'a file';
    case 'directory':
      return 'a directory';
    case 'link':
      return 'a symbolic link';
    case 'fifo':
      return 'a named pipe';
    case 'socket':
      return 'a socket';
    case 'block':
      return 'a block device';
    case 'char':
      return 'a character device';
  }
}
