/** Which files held secrets when they were last written: their old text may hold some that nobody knows any more. */
import { join } from 'node:path';
import { readState, writeState } from './file.ts';

export interface HeldSecrets {
  has(path: string): boolean;
  note(path: string): void;
  /** Throws what the file system says. */
  save(): void;
}

/** Without a folder: as long as the run lasts. */
export function createHeldSecrets(folder: string | undefined): HeldSecrets {
  const file = folder && join(folder, 'secret-files.json');
  let known: Set<string> | undefined;
  let grew = false;
  /** Read when it is first asked for: most runs have no secrets. */
  function paths(): Set<string> {
    known ??= new Set((file && readState<string[]>(file, isTexts)) || []);
    return known;
  }
  return {
    has: (path) => paths().has(path),
    note(path) {
      grew ||= !paths().has(path);
      paths().add(path);
    },
    save() {
      if (file && grew) writeState(file, [...paths()].sort(), { lasting: false });
    },
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
