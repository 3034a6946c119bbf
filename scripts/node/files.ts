/** Files of the node: written whole or not at all, and only where they differ. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Mapping } from './data.ts';
import { readYaml } from './read-yaml.ts';

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function readMapping(file: string): Mapping {
  const text = readText(file);
  return text === undefined ? {} : readYaml(text, file);
}

export function write(file: string, text: string, { mode = 0o644, folderMode = 0o755 } = {}): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: folderMode });
  if (folderMode !== 0o755) chmodSync(folder, folderMode);
  if (readText(file) === text && (statSync(file).mode & 0o777) === mode) return;
  const part = `${file}.part`;
  rmSync(part, { force: true });
  const descriptor = openSync(part, 'wx', mode);
  try {
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, text);
    // A power cut leaves the old or the new one, and no empty one.
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(part, file);
}
