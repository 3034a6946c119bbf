/** From what a file holds and what it should hold to the steps between them. */
import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type { WriteEffect } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { type OwnerLookup, ownedAfter, ownerChanges, ownerSteps } from './_owner.ts';
import type { There } from './_path.ts';

export interface Wanted {
  /** What is there now (`lookAt`). Must be a file, a link to be replaced, or nothing: see `notAFile`. */
  readonly there: There;
  /** What it should hold; undefined leaves the content alone (an absent file is then made empty). */
  readonly content: Buffer | undefined;
  /** Leave out to keep owner and mode as they are. */
  readonly owner?: OwnerLookup;
  readonly backup?: WriteEffect['backup'];
  readonly check?: WriteEffect['check'];
  /** false: the report says that the content changes, but not how. */
  readonly showChanges?: boolean;
  /** Name of the content in the report; `content` unless told. */
  readonly subject?: string;
  readonly locate?: Step['locate'];
}

const nobody: OwnerLookup = {};
const none: never[] = [];

/**
 * The step that gives a file its content, owner and mode; none where it has them. One write sets all of them at
 * once, so that a secret never lies under the wrong mode.
 */
export function writeSteps(wanted: Wanted): Step[] {
  const { there, content } = wanted;
  const owner = wanted.owner ?? nobody;
  if (there.stat !== undefined && (content === undefined || there.content?.equals(content))) {
    if (owner === nobody) return none;
    return ownerSteps({
      path: there.path,
      stat: there.stat,
      owner,
      follow: there.through,
      label: wanted.subject,
    });
  }
  // A link that is not followed is replaced, and has nothing to hand on.
  const stat = there.stat?.kind === 'link' ? undefined : there.stat;
  const effect: WriteEffect = {
    kind: 'write',
    path: there.path,
    content: content ?? Buffer.alloc(0),
    ...ownedAfter(owner, stat),
    ...(there.through && { follow: true }),
    ...(wanted.backup && stat && { backup: wanted.backup }),
    ...(wanted.check && { check: wanted.check }),
  };
  const also =
    stat && owner !== nobody ? ownerChanges({ path: there.path, stat, owner, label: wanted.subject }) : none;
  return [
    {
      change: contentChange(wanted, effect.content),
      ...(also.length > 0 && { also }),
      effect,
      ...(wanted.locate && { locate: wanted.locate }),
    },
  ];
}

function contentChange(wanted: Wanted, content: Buffer): Change {
  const subject = wanted.subject ?? 'content';
  const old = wanted.there.content;
  if (wanted.showChanges === false) {
    return { subject, ...(old && { old: '<show_changes=False>' }), new: '<show_changes=False>' };
  }
  const newText = textOf(content);
  const oldText = old && textOf(old);
  if (wanted.there.stat?.kind === 'link')
    return { subject, old: 'a symbolic link', new: newText ?? describe(content) };
  if (newText !== undefined && (old === undefined || oldText !== undefined)) {
    return { subject, ...(old && { old: oldText }), new: newText, text: true };
  }
  return { subject, ...(old && { old: describe(old) }), new: describe(content) };
}

/** Longer texts are told by size: a diff of them would take longer than the run. */
const longest = 4 << 20;

/** The text of a file for a diff; undefined where it is binary, or too long to be shown. */
export function textOf(content: Buffer): string | undefined {
  return content.length <= longest && !content.includes(0) && isUtf8(content)
    ? content.toString('utf8')
    : undefined;
}

const require = createRequire(import.meta.url);

/** Bytes in a few words: size and the start of their SHA-256. */
function describe(content: Buffer): string {
  // Loaded at first use: most runs never meet binary content that differs.
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  return `${content.length} bytes, sha256 ${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
}

/**
 * What a `backup` argument asks for. Salt: `minion` keeps the old file in the store of backups, a text that
 * starts with a dot is a suffix (file.replace), false and empty mean none.
 */
export function backupOf(backup: string | boolean | null | undefined): WriteEffect['backup'] {
  if (backup === undefined || backup === null || backup === false || backup === '') return undefined;
  if (typeof backup === 'string' && backup.startsWith('.')) return { suffix: backup };
  return { store: true };
}
