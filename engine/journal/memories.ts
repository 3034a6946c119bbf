/** What runs remember of earlier ones, kept aside, so that a run which is taken back leaves no trace in it. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readState, writeState } from './file.ts';

/** What was last applied, and which reactions are owed. While a run waits, no other one writes them. */
const names = ['applied.ndjson', 'owed.json'];

/** Throws what the file system says. */
export function keepMemories(folder: string): void {
  for (const name of names) copyOrRemove(join(folder, name), join(folder, `revert-${name}`));
}

/** May be called again. Throws what the file system says. */
export function restoreMemories(folder: string, run: string): void {
  for (const name of names) copyOrRemove(join(folder, `revert-${name}`), join(folder, name));
  // A debt is made before the change that it is for, so the first is there already when all is kept.
  const file = join(folder, 'owed.json');
  const owed = readState(file, isList) ?? [];
  const others = owed.filter((one) => (one as { readonly run?: unknown } | null)?.run !== run);
  if (others.length < owed.length) writeState(file, others, { lasting: true });
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function copyOrRemove(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    rmSync(to, { force: true });
  }
}
