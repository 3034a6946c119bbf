/** Has a certificate issued, writes it, and keeps in mind when it may be tried again. */
import { readFileSync } from 'node:fs';
import { type AcmeEffect, type AcmeNote, acmeContent } from '../core/acme.ts';
import type { FileEffect, Performed } from '../core/host.ts';
import { HostTrouble } from '../core/host.ts';
import { type ProcessId, processIdOf } from '../core/process-id.ts';
import { issue, type Means } from './acme-order.ts';
import { AcmeTrouble } from './acme-trouble.ts';
import { failed } from './trouble.ts';

export interface AcmeMeans extends Means {
  /** Like any effect of a run, so that it can be undone. */
  write(effect: FileEffect): Promise<Performed>;
}

/** Milliseconds. Whoever asks to be left alone for longer is asked again then. */
const longest = 7 * 86_400_000;
/** Seconds, where an authority says that it was asked too often and not when to come again. */
const unsaid = 3600;

export async function performAcme(effect: AcmeEffect, means: AcmeMeans): Promise<Performed> {
  const { note, pause } = effect;
  const { reason: _, by: __, ...before } = note.content;
  const failures = (before.failures ?? 0) + 1;
  const seconds = Math.min(pause.first * 2 ** Math.min(failures - 1, 30), pause.most);
  const next = Math.round(Date.now() + soon(seconds) * 1000);
  // It has failed until it is known to have succeeded: a run that is killed must not lead to one order after the other.
  const by = self();
  const reason = 'The run was ended in the middle.';
  const trouble = await save({ ...before, failures, next, reason, ...(by ? { by } : {}) });
  if (trouble) return trouble;
  try {
    const chain = await issue(effect, means);
    // What was issued must not be lost, so the copy comes first.
    const copy = acmeContent({ before: '', certificates: 'all' }, chain);
    wellDone(await means.keep({ kind: 'write', path: effect.copy, content: copy, mode: 0o600 }));
    for (const one of writesOf(effect, chain)) wellDone(await means.write(one));
    await save({ target: before.target, next: Math.round(Date.now() + restAfter(chain, pause) * 1000) });
    return { became: 'done' };
  } catch (error) {
    if (!(error instanceof HostTrouble)) throw error;
    if (means.stoppedBy?.() !== undefined) {
      await save(note.content);
      return failed('The order was given up, since the run was stopped.');
    }
    const wanted = error instanceof AcmeTrouble ? (error.after ?? (error.isLimit ? unsaid : 0)) : 0;
    const then = Math.max(next, Date.now() + Math.min(wanted * 1000, longest));
    await save({ ...before, failures, next: then, reason: error.message });
    const when = new Date(then).toISOString().replace(/\.\d+/, '');
    return effect.tolerant
      ? { became: 'postponed', warning: postponed(error.message, when) }
      : failed(`${error.message} It is tried again after ${when}.`, error.hint);
  }

  async function save(content: AcmeNote): Promise<Performed | undefined> {
    const bytes = Buffer.from(`${JSON.stringify(content)}\n`);
    const done = await means.keep({ kind: 'write', path: note.path, content: bytes, mode: 0o600 });
    return done.became === 'failed' ? done : undefined;
  }
}

function self(): ProcessId | undefined {
  try {
    return processIdOf(process.pid, readFileSync('/proc/self/stat', 'latin1'));
  } catch {
    return undefined; // No system that could tell whether it still runs.
  }
}

function wellDone(performed: Performed): void {
  if (performed.became === 'failed') throw new HostTrouble(performed.reason, performed.hint);
}

function postponed(reason: string, when: string): string {
  return `The certificate could not be renewed, and the one at hand stays: ${reason} It is tried again after ${when}.`;
}

/** Seconds until another one may be ordered: a 24th of the lifetime. */
function restAfter([first]: readonly string[], { first: least, most }: AcmeEffect['pause']): number {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const { validFromDate, validToDate } = new X509Certificate(first!);
  return Math.max(least, Math.min(most, (validToDate.getTime() - validFromDate.getTime()) / 24_000));
}

/** Not all nodes at once. */
function soon(seconds: number): number {
  return seconds * (0.75 + Math.random() / 2);
}

function writesOf({ files, previous }: AcmeEffect, chain: readonly string[]): FileEffect[] {
  const writes = files.map(({ before, certificates, ...place }): FileEffect => {
    return { kind: 'write', ...place, content: acmeContent({ before, certificates }, chain) };
  });
  return previous ? [previous, ...writes] : writes;
}
