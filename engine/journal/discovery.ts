/** The members of services as they were last known: used when the DNS is away, also after a reboot. */
import { join } from 'node:path';
import type { Finding, Findings } from '../core/discovery.ts';
import { readState, writeState } from './file.ts';

function fileOf(folder: string): string {
  return join(folder, 'discovery.json');
}

export function readFindings(folder: string): Findings {
  const kept = readState<{ [question: string]: Finding }>(fileOf(folder), isSound);
  return new Map(Object.entries(kept ?? {}));
}

/** Throws what the file system says. */
export function writeFindings(folder: string, findings: Findings): void {
  writeState(fileOf(folder), Object.fromEntries(findings), { lasting: false });
}

function isSound(value: unknown): value is { [question: string]: Finding } {
  return isObject(value) && Object.values(value).every(isFinding);
}

function isFinding(value: unknown): boolean {
  if (!isObject(value) || typeof value['due'] !== 'number' || !Array.isArray(value['known'])) return false;
  return value['known'].every(
    (one) => isObject(one) && typeof one['record'] === 'string' && typeof one['since'] === 'number',
  );
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
