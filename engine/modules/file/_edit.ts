/** What the states that edit a file share: its text without losing a byte, and the one write that comes of an edit. */
import { isUtf8 } from 'node:buffer';
import { HostTrouble, type Reader, type WriteEffect } from '../../core/host.ts';
import { pythonRegex, type RegexFlags, RegexSyntax } from '../../core/regex.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { keyText } from '../../core/value.ts';
import { hasCrLf } from './_lines.ts';
import type { OwnerLookup } from './_owner.ts';
import { lookAt, notAFile, pathOf, type There } from './_path.ts';
import { writeSteps } from './_write.ts';

/** Thrown by an edit that cannot be made; becomes the refusal of the plan. */
export class CannotEdit extends HostTrouble {}

export interface Edit {
  readonly there: There;
  /**
   * The new text of an old one. `own` turns text of the user into that of the file, which matters where the file
   * is not UTF-8. Must be pure: it is asked again with its own answer. Throws CannotEdit.
   */
  readonly change: (text: string, own: (text: string) => string) => string;
  /** What is said of a file that is not there; left out where it may be made. */
  readonly missing?: Refusal;
  /** Line ends are shown to `change` as they are; otherwise a file of CR LF lines is edited as one of LF lines. */
  readonly raw?: boolean;
  /** Under which the old file is kept beside the new one. Salt: false, null and empty mean not at all. */
  readonly suffix?: string | boolean | null;
  /** Keep the old file in the store of backups. */
  readonly store?: boolean;
  readonly showChanges?: boolean;
  readonly owner?: OwnerLookup;
  /** What the change is called in the report; `content` unless told. */
  readonly subject?: string;
  /** Validates the new text before anything is replaced. */
  readonly check?: WriteEffect['check'];
  /** Set where the edit must be done after one round: repeating it would go against what the user asked for. */
  readonly once?: boolean;
}

/** Looks at the file an editing state names. Salt: edits follow symbolic links. */
export function findFile(name: string, reader: Reader): There {
  return lookAt(pathOf(name, reader), reader, true);
}

export function missingFile(there: There, also = ''): Refusal {
  return {
    refused: `${there.path} does not exist.`,
    hint: `Make it first (require a file.managed)${also}.`,
  };
}

/**
 * The steps of an edit, or why it cannot be made. Some edits are only done when they were made more than once (two
 * lines that match, one replaced at a time): they are repeated until they leave their own result alone.
 * Unlike Salt: an edit by file.replace, file.line, file.comment and the like that would change its own result at
 * every run is refused, not made again and again.
 */
export function editSteps(edit: Edit): readonly Step[] | Refusal {
  const { there } = edit;
  const wrong = notAFile(there);
  if (wrong !== undefined) return wrong;
  if (there.stat === undefined && edit.missing !== undefined) return edit.missing;
  const bytes = there.content ?? Buffer.alloc(0);
  // Salt: what has a NUL among its first 512 bytes is binary.
  if (bytes.subarray(0, 512).includes(0)) {
    return { refused: `${there.path} is a binary file.`, hint: 'Only text can be edited: use file.managed.' };
  }
  const utf8 = isUtf8(bytes);
  const own = utf8 ? (text: string) => text : (text: string) => Buffer.from(text).toString('latin1');
  const before = bytes.toString(utf8 ? 'utf8' : 'latin1');
  const crlf = !edit.raw && hasCrLf(before);
  const old = crlf ? before.replaceAll('\r\n', '\n') : before;
  let text: string;
  let backup: WriteEffect['backup'];
  try {
    backup = edit.store ? { store: true } : suffixOf(edit.suffix);
    text = settled(old, (current) => edit.change(current, own), edit);
  } catch (error) {
    if (error instanceof CannotEdit) return { refused: error.message, hint: error.hint };
    throw error;
  }
  if (crlf) text = text.replace(/\r?\n/g, '\r\n');
  return writeSteps({
    there,
    content: Buffer.from(text, utf8 ? 'utf8' : 'latin1'),
    owner: edit.owner,
    backup,
    check: edit.check,
    showChanges: edit.showChanges,
    subject: edit.subject,
  });
}

/** More repetitions than this, and it is taken that an edit never comes to an end. */
const patience = 64;

function settled(old: string, change: (text: string) => string, edit: Edit): string {
  let text = old;
  for (let round = 0; round <= (edit.once ? 1 : patience); round++) {
    const next = change(text);
    if (next === text) return text;
    text = next;
  }
  throw new CannotEdit(
    `This edit of ${edit.there.path} would change its own result again at every run.`,
    'Write the pattern so that it no longer matches what was edited, for example with `^` and `$` or with (?!…).',
  );
}

/** A pattern of the user's, in Python's language. */
export function patternOf(pattern: string, flags: RegexFlags): RegExp {
  try {
    return pythonRegex(pattern, flags);
  } catch (error) {
    throw misunderstood(error, pattern);
  }
}

/** What is said of a pattern or replacement that Python would refuse, too. */
export function misunderstood(error: unknown, pattern: string): unknown {
  if (!(error instanceof RegexSyntax)) return error;
  return new CannotEdit(
    `The regular expression "${pattern}" cannot be understood: ${error.message}.`,
    'Patterns are written in the language of Python; put a backslash before characters that mean themselves.',
  );
}

function suffixOf(suffix: Edit['suffix']): WriteEffect['backup'] {
  if (!suffix) return undefined;
  if (suffix === true) return { suffix: '.bak' };
  if (suffix.includes('/')) throw new CannotEdit(`The suffix of a backup cannot hold a slash: "${suffix}".`);
  return { suffix };
}

export const suffixProperty = {
  type: ['string', 'boolean', 'null'],
  default: '.bak',
  description:
    'Suffix under which the old file is kept beside the new one, replacing an older such copy. `false`: no copy is kept.',
} as const;

export const showChangesProperty = {
  type: 'boolean',
  default: true,
  description: '`false`: the report does not show which lines change.',
} as const;

/**
 * Schema of text that YAML may have read as something else (`yes`, 22, 3.0). `ordered`, because only so a float
 * such as 3.0 arrives as one; it arrives as an object then.
 */
export function textSchema(description: string) {
  return { type: ['string', 'number', 'boolean', 'object', 'null'], ordered: true, description } as const;
}

/** The text of a value, as Python's str() prints it; undefined where there is none. Throws CannotEdit for a dict. */
export function textOfValue(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Map || Array.isArray(value)) {
    const kind = value instanceof Map ? 'mapping' : 'list';
    throw new CannotEdit(`Text is expected, not a ${kind}.`, 'Put the text in quotes.');
  }
  return keyText(value);
}
