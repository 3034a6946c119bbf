/** Looks for texts that should not be there: in files, in the command lines of processes, in the journal of systemd. */
import { spawn } from 'node:child_process';
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

const chunkSize = 1 << 18;
/** Characters that are looked at twice, so that nothing is missed where two chunks meet. */
const overlap = 1 << 14;
/** Bytes of a file beyond which the rest is left out. */
const mostBytes = 1 << 30;
const mostLeaks = 1000;

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

/** proc_pid_cmdline(5): everybody may read it. */
export function searchProcesses(find: SearchOptions['find']): { leaks: Leak[]; processes: number } {
  const leaks: Leak[] = [];
  let processes = 0;
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const words = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', '\n');
      processes++;
      const labels = new Map(find(words).map((finding) => [finding.label, finding]));
      if (labels.size === 0) continue;
      const where = fs.readFileSync(`/proc/${name}/comm`, 'utf8').trim();
      for (const { path, label } of labels.values())
        leaks.push({ kind: 'process', where, pid: Number(name), secret: path, label });
    } catch {
      // It has ended.
    }
  }
  return { leaks, processes };
}

/** The newest entries of the journal, with all of their fields; `undefined` where there is none, or none to be read. */
export async function searchJournal({
  find,
  until,
}: SearchOptions): Promise<{ leaks: Leak[]; entries: number } | undefined> {
  const leaks: Leak[] = [];
  let entries = 0;
  let rest = '';
  function search(text: string): void {
    entries += text.split('\n\n').length - 1;
    for (const finding of find(text)) {
      const from = text.lastIndexOf('\n\n', finding.start) + 2;
      const to = text.indexOf('\n\n', finding.start);
      const entry = text.slice(from === 1 ? 0 : from, to === -1 ? undefined : to);
      if (leaks.length < mostLeaks) leaks.push(inEntry(entry, finding));
    }
  }
  const words = ['--no-pager', '--quiet', '--all', '--output=export', '--lines=300000'];
  const child = spawn('journalctl', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const decoder = new StringDecoder('utf8');
  const started = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
  });
  if (!started) return undefined;
  for await (const chunk of child.stdout) {
    rest += decoder.write(chunk as Buffer);
    if (Date.now() > until || leaks.length >= mostLeaks) break;
    const end = rest.lastIndexOf('\n\n') + 2;
    if (end === 1 || rest.length < chunkSize) continue;
    search(rest.slice(0, end));
    rest = rest.slice(end);
  }
  child.kill();
  search(`${rest.trimEnd()}\n\n`);
  return { leaks, entries };
}

/** https://systemd.io/JOURNAL_EXPORT_FORMATS: a field per line, an empty line between entries. */
function inEntry(entry: string, { path, label }: Finding): Leak {
  const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(entry)?.[1];
  const stamp = Number(field('__REALTIME_TIMESTAMP'));
  return {
    kind: 'journal',
    where: field('_SYSTEMD_UNIT') ?? field('SYSLOG_IDENTIFIER') ?? field('_COMM') ?? 'kernel',
    ...(stamp > 0 ? { time: new Date(stamp / 1000).toISOString() } : {}),
    secret: path,
    label,
  };
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
