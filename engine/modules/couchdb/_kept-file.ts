/** A file of CouchDB as it is and as it should be, and where such files are. */
import type { Reader } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';

export const placeProperties = {
  folder: {
    type: 'string',
    pattern: '^/.',
    default: '/opt/couchdb',
    description: "Where CouchDB is: its settings are in `etc`, and it is its user's home.",
  },
  user: { type: 'string', minLength: 1, default: 'couchdb', description: 'The user CouchDB runs as.' },
} as const;

/** Where CouchDB keeps what it is told by requests: the last one it reads. */
export function ownFile(folder: string): string {
  return `${folder}/etc/local.d/90-api.ini`;
}

export interface KeptFile {
  readonly path: string;
  readonly content: string;
  /** Unless told, owner and mode are left as they are. */
  readonly mode?: number;
  /** What differs in the content, from the text that is there. */
  readonly changes: (present: string | undefined) => readonly Change[];
}

export interface Present {
  readonly text: string | undefined;
  readonly mode: number | undefined;
  readonly owner: string | undefined;
}

export function lookAt(reader: Reader, path: string): Present {
  const stat = reader.stat(path);
  const owner = stat && (reader.user(stat.uid)?.name ?? String(stat.uid));
  return { text: reader.content(path)?.toString(), mode: stat?.mode, owner };
}

/** One write for all that differs. */
export function stepsFor({ path, content, mode, changes }: KeptFile, now: Present, owner: string): Step[] {
  const all = [
    ...(now.text === content ? [] : orItself(changes(now.text), path)),
    ...(now.text === undefined || mode === undefined || now.mode === mode
      ? []
      : [{ subject: `mode of ${path}`, old: octal(now.mode!), new: octal(mode) }]),
    ...(now.text === undefined || mode === undefined || now.owner === owner
      ? []
      : [{ subject: `owner of ${path}`, old: now.owner, new: owner }]),
  ];
  const [change, ...also] = all;
  if (change === undefined) return [];
  const owned = mode === undefined ? {} : { mode, user: owner, group: owner };
  const write = { kind: 'write', path, content: Buffer.from(content), ...owned } as const;
  return [{ change, ...(also.length > 0 ? { also } : {}), effect: write }];
}

/** Something differs, but nothing that has a name: comments, or their order. */
function orItself(changes: readonly Change[], path: string): readonly Change[] {
  return changes.length > 0 ? changes : [{ subject: path, new: 'written anew' }];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
