/** A random key of this node, made when it is first asked for. */

import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './file.ts';

/** 32 bytes; undefined where the file can neither be read nor made. */
export function keptKey(file: string): Buffer | undefined {
  try {
    return read(file) ?? make(file);
  } catch {
    return undefined;
  }
}

function read(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    return key.length === 32 ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Two processes may make it at once: the first to give it its name wins. */
function make(file: string): Buffer | undefined {
  makeFolder(dirname(file));
  const temporary = `${file}.${process.pid}`;
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(fd, randomBytes(32));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return read(file);
}
