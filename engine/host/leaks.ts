/** Looks for texts that should not be there in files. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Finding } from '../core/secret.ts';

/** Where to look. A folder means all below it on the same file system; links are followed nowhere. */
export interface Place {
  readonly path: string;
  /** Only files that everybody may read count: others may be meant to hold it. */
  readonly open: boolean;
}

export interface Leak {
  readonly kind: 'file' | 'process' | 'journal';
  /** A path, the name of a program, or the unit that logged it. */
  readonly where: string;
  /** Of a file, from 1. */
  readonly line?: number;
  readonly pid?: number;
  /** When it was logged: ISO 8601. */
  readonly time?: string;
  /** Path and label of the secret. */
  readonly secret: string;
  readonly label: string;
}

/** A place that was not looked at, or only in part. */
export interface Omission {
  readonly path: string;
  readonly reason: string;
}

export interface Sighting {
  readonly leaks: readonly Leak[];
  readonly omissions: readonly Omission[];
  readonly files: number;
  readonly bytes: number;
}

export interface SearchOptions {
  /** What stands in a text, but for what may stand anywhere by chance. */
  readonly find: (text: string) => readonly Finding[];
  /** Milliseconds since the epoch after which nothing more is looked at. */
  readonly until: number;
}

export const chunkSize = 1 << 18;
/** Characters that are looked at twice, so that nothing is missed where two chunks meet. */
const overlap = 1 << 14;
/** Bytes of a file beyond which the rest is left out. */
const mostBytes = 1 << 30;
export const mostLeaks = 1000;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Earlier places win: a file that two of them name is looked at once. */
export function searchFiles(places: readonly Place[], { find, until }: SearchOptions): Sighting {
  const leaks: Leak[] = [];
  const omissions: Omission[] = [];
  const seen = new Set<string>();
  let files = 0;
  let bytes = 0;
  let late = false;

  function look(path: string, open: boolean, device: number | undefined): void {
    if (late || leaks.length >= mostLeaks) return;
    if (Date.now() > until) {
      late = true;
      omissions.push({ path, reason: 'time ran out before this and what comes after it' });
      return;
    }
    let stat: fs.Stats;
    try {
      stat = fs.lstatSync(path);
    } catch {
      return;
    }
    if (device !== undefined && stat.dev !== device) return;
    // Files that have several names, and places that lie in each other.
    const identity = `${stat.dev}:${stat.ino}:${stat.isDirectory() ? open : ''}`;
    if (seen.has(identity)) return;
    seen.add(identity);
    if (stat.isDirectory()) {
      if (!open || (stat.mode & 0o001) !== 0) lookInto(path, open, stat.dev);
    } else if (stat.isFile() && (!open || (stat.mode & 0o004) !== 0)) lookAt(path);
  }

  function lookInto(folder: string, open: boolean, device: number): void {
    let names: string[];
    try {
      names = fs.readdirSync(folder).sort();
    } catch (error) {
      omissions.push({ path: folder, reason: reasonOf(error) });
      return;
    }
    for (const name of names) look(join(folder, name), open, device);
  }

  function lookAt(path: string): void {
    try {
      const { size, found } = path.endsWith('.gz') ? inPacked(path, find) : inFile(path, find, until);
      files++;
      bytes += size;
      for (const [line, finding] of found) {
        leaks.push({ kind: 'file', where: path, line, secret: finding.path, label: finding.label });
      }
      if (size >= mostBytes) omissions.push({ path, reason: 'only its first GiB was looked at' });
    } catch (error) {
      omissions.push({ path, reason: reasonOf(error) });
    }
  }

  for (const { path, open } of places) if (!open || isReachable(path)) look(path, open, undefined);
  return { leaks, omissions, files, bytes };
}

/** Whether everybody can get as far as the folder of it. */
function isReachable(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = fs.statSync(folder, { throwIfNoEntry: false });
    if (!stat || (stat.mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

type Found = [line: number, finding: Finding][];

const buffer = Buffer.alloc(chunkSize);

/** Throws what the file system says. A file with NUL in its beginning is no text, and holds nothing. */
function inFile(path: string, find: SearchOptions['find'], until: number): { size: number; found: Found } {
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!fs.fstatSync(fd).isFile()) return { size: 0, found: [] };
    const reader = createReader(find);
    let size = 0;
    while (size < mostBytes && Date.now() <= until) {
      const count = fs.readSync(fd, buffer, 0, chunkSize, null);
      if (count === 0) break;
      const chunk = buffer.subarray(0, count);
      if (size === 0 && chunk.subarray(0, 8192).includes(0)) break;
      size += count;
      reader.add(chunk);
    }
    return { size, found: reader.found };
  } finally {
    fs.closeSync(fd);
  }
}

/** A log that was rotated and packed. */
function inPacked(path: string, find: SearchOptions['find']): { size: number; found: Found } {
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || stat.size > 1 << 26) throw new Error('it is packed, and large');
    const bytes = gunzipSync(fs.readFileSync(fd), { maxOutputLength: 1 << 29 });
    if (bytes.subarray(0, 8192).includes(0)) return { size: 0, found: [] };
    const reader = createReader(find);
    for (let at = 0; at < bytes.length; at += chunkSize) reader.add(bytes.subarray(at, at + chunkSize));
    return { size: bytes.length, found: reader.found };
  } finally {
    fs.closeSync(fd);
  }
}

/** Finds in a text that comes in chunks, and tells the lines. */
function createReader(find: SearchOptions['find']): { readonly found: Found; add(chunk: Buffer): void } {
  const decoder = new StringDecoder('utf8');
  const found: Found = [];
  const known = new Set<string>();
  let carried = '';
  /** Line at which what was carried begins. */
  let line = 1;
  return {
    found,
    add(chunk) {
      const text = carried + decoder.write(chunk);
      for (const finding of find(text)) {
        if (finding.end <= carried.length) continue;
        const at = line + linesIn(text, finding.start);
        const key = `${at} ${finding.label}`;
        if (!known.has(key) && found.length < mostLeaks) found.push([at, finding]);
        known.add(key);
      }
      const kept = Math.max(0, text.length - overlap);
      line += linesIn(text, kept);
      carried = text.slice(kept);
    },
  };
}

/** Line feeds before a place. */
function linesIn(text: string, until: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < until; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
