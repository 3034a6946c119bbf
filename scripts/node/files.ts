/** Files of the node: written whole or not at all, and only where they differ. */
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Mapping } from './data.ts';
import { readYaml } from './program.ts';
import { Trouble } from './trouble.ts';

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

/** Answers may hold secrets, so nobody else may read them. */
export function readAnswers(file: string): Mapping {
  const text = readText(file);
  if (text === undefined) throw new Trouble(`There is no ${file}.`);
  const { mode, uid } = statSync(file);
  if ((mode & 0o077) !== 0 || (uid !== 0 && uid !== process.getuid?.()))
    throw new Trouble(`Others may read or change ${file}.`, `chown root: ${file}; chmod 600 ${file}`);
  return readYaml(text, file);
}

export function write(file: string, text: string, { mode = 0o644, folderMode = 0o755 } = {}): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: folderMode });
  if (folderMode !== 0o755) chmodSync(folder, folderMode);
  if (readText(file) === text && (statSync(file).mode & 0o777) === mode) return;
  writeFileSync(`${file}.part`, text, { mode });
  chmodSync(`${file}.part`, mode);
  renameSync(`${file}.part`, file);
}
