/** The file roots: folders searched in order for states, templates and the files they refer to. */
import { readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, posix, relative, resolve } from 'node:path';
import { at, Trouble } from '../core/diagnostic.ts';
import type { NoSource, Source, SourceEntry } from '../core/host.ts';
import { encryptedSuffix } from './find-sls.ts';

/** A text file of a tree. */
export interface TreeFile {
  /** As shown to the user: relative to the current folder where it lies below it. */
  readonly file: string;
  /** Path below its file root, with `/`: `web/haproxy.sls`. */
  readonly name: string;
  readonly text: string;
  /** What it holds is a secret: nothing of it is shown or kept. */
  readonly secret?: true;
}

export interface Tree {
  readonly roots: readonly string[];
  /** The file at a path below the first root that has it. */
  find(name: string): TreeFile | undefined;
  /** Paths of all files of all roots, sorted, each once. */
  names(): readonly string[];
  source(url: string): Source | NoSource;
  /** The encrypted file that stands for a source which is not there in plain text. */
  sealed(url: string): Sealed | undefined;
  /** From here on the source is what the encrypted file holds. */
  open(url: string, sealed: Sealed & { readonly content: Buffer }): void;
  sourceTree(url: string): readonly SourceEntry[] | undefined;
  /** The text of a file by its shown name, for error frames. */
  textOf(file: string): string | undefined;
}

export interface Sealed {
  /** As shown to the user. */
  readonly file: string;
  /** Its armour. */
  readonly text: string;
  readonly mode: number;
}

/** Bytes up to which the content of a source is kept for the length of a run. */
const keptSize = 256 * 1024;

/** `isSecret` tells by its absolute path whether a file is one that only its owner may read. */
export function createTree(
  roots: readonly string[],
  isSecret: (path: string) => boolean = () => false,
): Tree {
  const files = new Map<string, TreeFile | undefined>();
  const texts = new Map<string, string>();
  const sources = new Map<string, Source>();
  let all: readonly string[] | undefined;

  const located = new Map<string, string>();

  function locate(name: string): string | undefined {
    const known = located.get(name);
    if (known !== undefined) return known;
    const path = withinRoot(name);
    if (path === undefined) return undefined;
    for (const root of roots) {
      const candidate = join(root, path);
      if (!statOf(candidate)?.isFile()) continue;
      located.set(name, candidate);
      return candidate;
    }
    return undefined;
  }

  function treeFile(path: string, name: string): TreeFile {
    const file = { file: shown(path), name };
    if (!isSecret(path)) return { ...file, text: readText(path) };
    requirePrivate(path);
    return { ...file, text: readText(path), secret: true };
  }

  return {
    roots,
    find(name) {
      if (files.has(name)) return files.get(name);
      const path = locate(name);
      const found = path === undefined ? undefined : treeFile(path, name);
      if (found && !found.secret) texts.set(found.file, found.text);
      files.set(name, found);
      return found;
    },
    names() {
      all ??= [...new Set(roots.flatMap((root) => filesBelow(root)))].sort();
      return all;
    },
    source(url) {
      const known = sources.get(url);
      if (known) return known;
      const { path, local } = addressed(url);
      const place = local ? path : locate(path);
      if (place === undefined) {
        return { missing: `${url} is not in the file roots (${roots.map(shown).join(', ')})` };
      }
      const found = sourceAt(place, url);
      // A thousand states share one template; a large file is rarely asked for twice.
      if (!local && 'content' in found && found.content.length < keptSize) sources.set(url, found);
      return found;
    },
    sealed(url) {
      const { path, local } = addressed(url);
      if (local || locate(path) !== undefined) return undefined;
      const place = locate(path + encryptedSuffix);
      if (place === undefined) return undefined;
      return { file: shown(place), text: readText(place), mode: statSync(place).mode & 0o7777 };
    },
    open(url, { file, mode, content }) {
      sources.set(url, { url, file, content, mode });
    },
    sourceTree(url) {
      const { path, local } = addressed(url);
      const inside = local ? path : withinRoot(path);
      if (inside === undefined) return undefined;
      const folders = (local ? [path] : roots.map((root) => join(root, inside))).filter((folder) =>
        statOf(folder)?.isDirectory(),
      );
      if (folders.length === 0) return undefined;
      const entries = new Map<string, SourceEntry>();
      for (const folder of folders) {
        for (const entry of entriesBelow(folder, ''))
          if (!entries.has(entry.path)) entries.set(entry.path, entry);
      }
      return [...entries.values()];
    },
    textOf(file) {
      const known = texts.get(file);
      if (known !== undefined) return known;
      if (isSecret(resolve(file))) return undefined;
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return undefined;
      }
    },
  };
}

/** A path as the user would recognise it. */
export function shown(path: string): string {
  const below = relative('', path);
  return below !== '' && !below.startsWith('..') && !isAbsolute(below) ? below : path;
}

function unusable(path: string, code: 'file-unreadable' | 'not-utf8', message: string): Trouble {
  return new Trouble([{ code, message, origin: at(shown(path), 1, 1) }]);
}

/** A secret that others can read, or a folder in which they could put one in its place, is refused. Throws Trouble. */
export function requirePrivate(path: string): void {
  const owners = [0, process.getuid?.() ?? 0];
  for (const [place, kind, mask] of [
    [path, 'file', 0o077],
    [dirname(path), 'folder', 0o022],
  ] as const) {
    const { mode, uid } = statSync(place);
    if ((mode & mask) === 0 && owners.includes(uid)) continue;
    const whose = owners.includes(uid)
      ? `its mode is ${(mode & 0o7777).toString(8).padStart(4, '0')}`
      : `user ${uid} owns it`;
    throw new Trouble([
      {
        code: 'secret-exposed',
        message: `The ${kind} ${shown(place)} holds secrets, and others have a hand on it: ${whose}.`,
        origin: at(shown(path), 1, 1),
        hint:
          kind === 'file' ? 'Run chown root and chmod 0600 on it.' : 'Run chown root and chmod 0700 on it.',
      },
    ]);
  }
}

/** How a file of age begins: https://age-encryption.org/v1. */
const binaryAge = Buffer.from('age-encryption.org/v1\n');

function armourOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN AGE ENCRYPTED FILE-----', ...lines, '-----END AGE ENCRYPTED FILE-----', ''].join('\n');
}

/** Text of a file that must be UTF-8, or the armour of one that is encrypted. Throws Trouble. */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw unusable(path, 'file-unreadable', `The file cannot be read (${code}).`);
  }
  // What age wrote without --armor is read as if it were.
  if (bytes.subarray(0, binaryAge.length).equals(binaryAge)) return armourOf(bytes);
  const text = bytes.toString('utf8');
  if (text.includes('\uFFFD') && !bytes.equals(Buffer.from(text))) {
    throw unusable(path, 'not-utf8', 'The file is not valid UTF-8.');
  }
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Undefined also for links in a circle, names that are too long, and what lies below a file. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // Absent is not the same as hidden: a run without these files would be another run.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw unusable(path, 'file-unreadable', 'The folder of this file cannot be looked into (EACCES).');
    }
    return undefined;
  }
}

/** The path below a root, or undefined where it would leave it. */
function withinRoot(name: string): string | undefined {
  if (name.includes('\0')) return undefined;
  const path = posix.normalize(name.replace(/^\/+/, ''));
  return path === '..' || path.startsWith('../') ? undefined : path;
}

/** salt://path?saltenv=base, file:///path, /path, or a path below the file roots. */
function addressed(url: string): { path: string; local: boolean } {
  if (url.startsWith('salt://'))
    return { path: url.slice('salt://'.length).replace(/\?saltenv=.*$/, ''), local: false };
  if (url.startsWith('file://')) return { path: url.slice('file://'.length), local: true };
  return { path: url, local: url.startsWith('/') };
}

function sourceAt(path: string, url: string): Source | NoSource {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { missing: `${url} is not a file` };
    return { url, file: shown(path), content: readFileSync(path), mode: stat.mode & 0o7777 };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { missing: code === 'ENOENT' ? `${url} does not exist` : `${url} cannot be read (${code})` };
  }
}

function filesBelow(root: string): string[] {
  try {
    return entriesBelow(root, '')
      .filter((entry) => entry.kind !== 'directory')
      .map((entry) => entry.path);
  } catch {
    return [];
  }
}

/** `open` holds the folders this one lies in, by device and inode: a link back to one of them is left out. */
function entriesBelow(folder: string, prefix: string, open: readonly string[] = []): SourceEntry[] {
  const self = statSync(folder);
  const identity = `${self.dev}:${self.ino}`;
  if (open.includes(identity)) return [];
  const found: SourceEntry[] = [];
  const members = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const member of members) {
    if (member.name === '.git' || member.name === '.svn') continue;
    const path = prefix + member.name;
    const place = join(folder, member.name);
    const stat = statOf(place);
    if (!stat) continue;
    // A link counts as what it leads to, and tells where it points for those who would keep it.
    const link = member.isSymbolicLink() ? { target: readlinkSync(place) } : {};
    if (stat.isDirectory()) {
      found.push({ path, kind: 'directory', mode: stat.mode & 0o7777, ...link });
      found.push(...entriesBelow(place, `${path}/`, [...open, identity]));
    } else if (stat.isFile()) found.push({ path, kind: 'file', mode: stat.mode & 0o7777, ...link });
  }
  return found;
}
