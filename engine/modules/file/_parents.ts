/** The directories above an entry: which are missing, and the steps that make them. */
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { modeText } from './_mode.ts';
import { type Owner, owned } from './_owner.ts';
import { followed, kindName } from './_path.ts';

export const makedirsProperty = {
  type: 'boolean',
  default: false,
  description: 'Make missing parent directories.',
} as const;

/** The directories above a path. */
export interface Parents {
  /** Missing ones, outermost first. */
  readonly missing: readonly string[];
  /** Something above the path that is no directory. */
  readonly obstacle?: { readonly path: string; readonly what: string };
}

const allThere: Parents = { missing: [] };

/** Looks at the directories above `path`, links followed. Needs only be asked where `path` itself is not there. */
export function parentsOf(path: string, reader: Reader): Parents {
  const missing: string[] = [];
  for (let above = parentOf(path); ; above = parentOf(above)) {
    const kind = followed(above, reader)?.kind;
    if (kind === 'directory') break;
    if (kind !== undefined) return { missing, obstacle: { path: above, what: kindName(kind) } };
    if (reader.stat(above) !== undefined) {
      return { missing, obstacle: { path: above, what: 'a symbolic link that leads nowhere' } };
    }
    missing.unshift(above);
    if (above === '/') break;
  }
  return missing.length === 0 ? allThere : { missing };
}

/** The steps that make what is missing, or why it cannot be made. */
export function parentSteps(parents: Parents, makedirs: boolean, owner: Owner): Step[] | Refusal {
  const { missing, obstacle } = parents;
  if (obstacle !== undefined) {
    return {
      refused: `${obstacle.path} is ${obstacle.what}, not a directory.`,
      hint: 'Remove it first, or choose another path.',
    };
  }
  if (missing.length > 0 && !makedirs) {
    return {
      refused: `The parent directory ${missing.at(-1)} does not exist.`,
      hint: 'Set makedirs: true, or require a file.directory that makes it.',
    };
  }
  return missing.map((path) => directoryStep(path, owner));
}

/** One directory that is not there yet; its parent must be. */
export function directoryStep(path: string, owner: Owner): Step {
  const mode = owner.mode === undefined ? '' : ` ${modeText(owner.mode)}`;
  return {
    change: { subject: path, new: `directory${mode}` },
    effect: { kind: 'directory', path, ...owned(owner) },
  };
}
