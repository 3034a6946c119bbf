/** Copies of what was replaced, each under the hash of its bytes: what is the same is kept once, for all runs. */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder, syncPath } from './file.ts';

export interface Objects {
  /** Keeps the bytes of an open file, and gives their hash. Undefined: there is no room for so many. */
  keepFile(fd: number): string | undefined;
  keep(bytes: Buffer): string | undefined;
  /** Bytes that may still be added. */
  room(): number;
  /** What was kept since the last time is on the disk when this returns. */
  settle(): void;
}

/** Most files are smaller: they are read in one go. */
const small = 1 << 20;

/** Beyond so many new ones at once, one sync(1) of their file system takes less time than fsync(2) of each. */
const many = 32;

export function objectsFolder(folder: string): string {
  return join(folder, 'objects');
}

export function objectFile(folder: string, hash: string): string {
  return join(objectsFolder(folder), hash);
}

export function hashOf(bytes: Buffer): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', bytes, 'hex');
}

/** Of all that an open file holds, however much. */
export function hashOfFile(fd: number): string {
  const hash = createHash();
  for (const part of partsOf(fd)) hash.update(part);
  return hash.digest('hex');
}

function createHash() {
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}

/** At most `room` bytes are added. Everything throws what the file system says. */
export function createObjects(folder: string, room: number): Objects {
  const at = objectsFolder(folder);
  makeFolder(at);
  // Runs follow one another: these are of one that was killed.
  for (const name of readdirSync(at)) if (name.startsWith('.new-')) rmSync(join(at, name), { force: true });
  let left = room;
  let number = 0;
  /** Written under a name of their own, and not on the disk yet: temporary name → hash. */
  const pending = new Map<string, string>();
  const known = new Set<string>();
  function has(hash: string, size: number): boolean {
    if (known.has(hash)) return true;
    // One that is shorter was hit by something; it is written anew.
    const is = statSync(objectFile(folder, hash), { throwIfNoEntry: false })?.size === size;
    if (is) known.add(hash);
    return is;
  }
  function create(write: (fd: number) => void): string {
    const temporary = join(at, `.new-${process.pid}-${number++}`);
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      write(fd);
      return temporary;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
  }
  function keep(bytes: Buffer): string | undefined {
    const hash = hashOf(bytes);
    if (has(hash, bytes.length)) return hash;
    if (bytes.length > left) return undefined;
    pending.set(
      create((fd) => writeAll(fd, bytes)),
      hash,
    );
    left -= bytes.length;
    known.add(hash);
    return hash;
  }
  /** Never more than a part of it is in memory. */
  function keepLarge(fd: number): string | undefined {
    const hash = createHash();
    let size = 0;
    const temporary = create((copy) => {
      for (const part of partsOf(fd)) {
        size += part.length;
        if (size > left) return;
        hash.update(part);
        writeAll(copy, part);
      }
    });
    const name = size > left ? undefined : hash.digest('hex');
    if (name === undefined || has(name, size)) rmSync(temporary, { force: true });
    else {
      pending.set(temporary, name);
      left -= size;
      known.add(name);
    }
    return name;
  }
  return {
    keep,
    room: () => left,
    keepFile(fd) {
      // A file that only grows while it is read is found out below.
      if (fstatSync(fd).size > Math.max(left, small)) return undefined;
      const parts: Buffer[] = [];
      let length = 0;
      for (const part of partsOf(fd)) {
        parts.push(part);
        length += part.length;
        if (length > small) return keepLarge(fd);
      }
      return keep(Buffer.concat(parts));
    },
    settle() {
      if (pending.size === 0) return;
      try {
        const together = pending.size > many && syncAll(at);
        for (const [temporary, hash] of pending) {
          if (!together) syncPath(temporary);
          renameSync(temporary, objectFile(folder, hash));
        }
        syncPath(at);
      } catch (error) {
        // None of them counts as kept: whoever asks again has them written anew.
        for (const [temporary, hash] of pending) {
          known.delete(hash);
          rmSync(temporary, { force: true });
        }
        throw error;
      } finally {
        pending.clear();
      }
    },
  };
}

/** From its start, whatever was read before. */
function* partsOf(fd: number): Iterable<Buffer> {
  for (let position = 0; ; ) {
    const part = Buffer.allocUnsafe(position === 0 ? 1 << 16 : small);
    const length = readSync(fd, part, 0, part.length, position);
    if (length === 0) return;
    yield part.subarray(0, length);
    position += length;
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}

/** syncfs(2), which Node.js has no call for. */
function syncAll(path: string): boolean {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync('sync', ['-f', '--', path], { stdio: 'ignore' }).status === 0;
}

/** The bytes of an object; or why they are not to be had, as the end of a sentence. */
export function readObject(folder: string, hash: string): Buffer | string {
  const file = objectFile(folder, hash);
  if (!existsSync(file)) return 'its copy is no longer kept';
  const bytes = readFileSync(file);
  return hashOf(bytes) === hash ? bytes : 'its copy is damaged';
}
