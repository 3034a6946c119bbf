/** `backupname`: moves what lies in the way aside instead of removing it. */
import type { Reader } from '../../core/host.ts';
import { join, parentOf } from '../../core/path.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { removeStep } from './_clean.ts';
import { pathOf } from './_path.ts';

export const backupnameProperty = {
  type: ['string', 'null'],
  description:
    'Rename a file or a directory that is in the way to this: an absolute path, or a name beside it.',
} as const;

export interface Backup {
  readonly path: string;
  /** Whether something has that name already. */
  readonly there: boolean;
}

/** Where the backup goes; undefined where none is asked for. */
export function backupBeside(
  backupname: string | null | undefined,
  path: string,
  reader: Reader,
): Backup | undefined {
  if (!backupname) return undefined;
  const backup = backupname.includes('/') ? pathOf(backupname, reader) : join(parentOf(path), backupname);
  return { path: backup, there: reader.stat(backup) !== undefined };
}

export function moveAside(path: string, backup: Backup, force: boolean): Step[] | Refusal {
  if (backup.there && !force) {
    return {
      refused: `${backup.path} exists, so ${path} cannot be renamed to it.`,
      hint: 'Remove it, choose another backupname, or set force: true.',
    };
  }
  const move: Step = {
    change: { subject: 'backup', new: backup.path },
    effect: { kind: 'move', from: path, path: backup.path },
  };
  return backup.there ? [removeStep(backup.path, 'an older backup'), move] : [move];
}
