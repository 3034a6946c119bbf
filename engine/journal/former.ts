/** Which secrets there were: rotated ones still stand in files and logs, and are nobody's to see. */
import { join } from 'node:path';
import { type FormerSecret, printName } from '../core/secret.ts';
import { readState, writeState } from './file.ts';

/** The oldest are forgotten beyond so many. */
const most = 2000;
/** Milliseconds after which a secret that is in force no more is forgotten: half a year. */
const remembered = 180 * 24 * 3600 * 1000;

interface Kept extends FormerSecret {
  /** Since when it is known to be in force no more: milliseconds since the epoch. */
  readonly gone?: number;
}

function fileIn(folder: string): string {
  return join(folder, 'secrets.json');
}

/** Prints of the secrets of earlier runs. */
export function readFormer(folder: string): readonly FormerSecret[] {
  return readState(fileIn(folder), areSound) ?? [];
}

/** Notes which secrets are in force now. Most runs find it noted. Throws what the file system says. */
export function keepPresent(folder: string, present: readonly FormerSecret[], now: number): void {
  const known: readonly Kept[] = readFormer(folder);
  const inForce = new Set(present.map(printName));
  const noted = new Set(known.filter(({ gone }) => gone === undefined).map(printName));
  if (noted.size === inForce.size && [...inForce].every((one) => noted.has(one))) return;
  const former = known
    .filter((one) => !inForce.has(printName(one)))
    .map((one) => ({ ...one, gone: one.gone ?? now }))
    .filter(({ gone }) => now - gone < remembered);
  writeState(fileIn(folder), [...former, ...present].slice(-most), { lasting: false });
}

function areSound(value: unknown): value is Kept[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        typeof one?.path === 'string' &&
        typeof one.fingerprint === 'string' &&
        Number.isInteger(one.length) &&
        one.length > 0 &&
        Array.isArray(one.hash) &&
        one.hash.length === 2 &&
        one.hash.every(Number.isInteger),
    )
  );
}
