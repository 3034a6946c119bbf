/** Unified diffs: which files they are about, and what becomes of a text they are applied to. */
import { createRequire } from 'node:module';
import type * as Diff from 'diff';
import { CannotEdit } from './_edit.ts';

const require = createRequire(import.meta.url);

export interface FilePatch {
  /** Names in the diff, without the leading parts that are stripped; undefined for /dev/null. */
  readonly old: string | undefined;
  readonly new: string | undefined;
  /** As text again, so that it can be put into the encoding of the file. */
  readonly text: string;
}

/** The parts of a diff. Throws CannotEdit where it is none, or one that cannot be applied here. */
export function patchesIn(text: string, strip: number, reverse: boolean): FilePatch[] {
  const { formatPatch, reversePatch } = diff();
  const patches = parsed(text).filter((one) => one.hunks.length > 0);
  if (patches.length === 0) {
    throw new CannotEdit('The patch holds no changes.', 'Make it with diff -u, or git diff.');
  }
  return patches.map((given) => {
    const one = reverse ? reversePatch(given) : given;
    return {
      old: stripped(one.oldFileName, strip),
      new: stripped(one.newFileName, strip),
      text: formatPatch(one),
    };
  });
}

function diff(): typeof Diff {
  return require('diff') as typeof Diff;
}

function parsed(text: string): Diff.StructuredPatch[] {
  try {
    return diff().parsePatch(text);
  } catch (error) {
    throw new CannotEdit(
      `The patch cannot be understood: ${(error as Error).message}.`,
      'Make it with diff -u, or git diff.',
    );
  }
}

/** patch(1): as many leading parts of a name are dropped as `--strip` says. */
function stripped(name: string | undefined, strip: number): string | undefined {
  if (name === undefined || name === '/dev/null') return undefined;
  const rest = name.split(/\/+/).slice(strip).join('/');
  return rest === '' ? undefined : rest;
}

/**
 * The text after the patch; the text itself where the patch is in it already. Like patch(1), hunks may have moved,
 * and `fuzz` lines around them may differ. Throws CannotEdit where it fits neither way.
 */
export function patched(text: string, patch: string, fuzz: number): string {
  const [forward] = parsed(patch) as [Diff.StructuredPatch];
  const backward = diff().reversePatch(forward);
  for (const fuzzFactor of fuzz === 0 ? [0] : [0, fuzz]) {
    const apply = (to: string, one: Diff.StructuredPatch) => diff().applyPatch(to, one, { fuzzFactor });
    const done = apply(text, forward);
    const applied = apply(text, backward) !== false;
    // A patch that fits both ways is in the text already if it would go on fitting: a line added at the end.
    if (done !== false && (!applied || apply(done, forward) === false)) return done;
    if (applied) return text;
  }
  throw new CannotEdit(
    'The patch does not apply, and is not in the file already.',
    'Make a new patch for the file as it is now.',
  );
}
