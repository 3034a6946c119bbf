/** What nodes have in common as items that merge in any order: each change of one is numbered and can be kept on disk. */
import { createHash } from 'node:crypto';
import type { Common, Database } from './databases.ts';
import type { Documents } from './documents.ts';
import { digestOf, type Leaf } from './revisions.ts';

type Kept = Omit<Database, 'docs' | 'filled'> & { readonly filled: readonly string[] };

/** Of `member NAME`, of `database NAME` and of `doc DATABASE ID`. */
export type Item =
  | { readonly revision: number }
  | { readonly gone?: string; readonly now?: Kept }
  | { readonly suffix: string; readonly leaves: readonly Leaf[] };

export class Ledger {
  readonly common: Common;
  readonly #documentsOf: (database: string) => Documents;
  /** Keys by number; only the last place of a key counts. */
  readonly #log: string[] = [];
  readonly #places = new Map<string, number>();
  #dirty = new Set<string>();

  constructor(common: Common, documentsOf: (database: string) => Documents) {
    this.common = common;
    this.#documentsOf = documentsOf;
    for (const name of common.members.keys()) this.touched(`member ${name}`);
  }

  get length(): number {
    return this.#log.length;
  }

  touched(key: string): void {
    this.#places.set(key, this.#log.push(key) - 1);
    this.#dirty.add(key);
  }

  /** What was touched since this was asked last. */
  taken(): string[] {
    const dirty = inOrder([...this.#dirty]);
    this.#dirty = new Set();
    return dirty;
  }

  /** What was touched from a number on. */
  since(start: number): string[] {
    const keys = this.#log.slice(start).filter((key, index) => this.#places.get(key) === start + index);
    return inOrder(keys.filter((key) => !key.startsWith('doc ') || this.#isThere(key)));
  }

  #isThere(key: string): boolean {
    const [, name, id] = parted(key);
    return (this.common.databases.get(name)?.docs.leaves(id).length ?? 0) > 0;
  }

  keys(): string[] {
    return this.since(0);
  }

  item(key: string): Item {
    const [kind, name, id] = parted(key);
    const { members, databases, gone } = this.common;
    if (kind === 'member') return { revision: members.get(name) ?? 0 };
    const database = databases.get(name);
    if (kind === 'doc') return { suffix: database?.suffix ?? '', leaves: database?.docs.leaves(id) ?? [] };
    const tomb = gone.get(name);
    return { ...(tomb ? { gone: tomb } : {}), ...(database ? { now: keptOf(database) } : {}) };
  }

  /** Two nodes with the same digest have the same. */
  digest(key: string): string {
    const item = this.item(key);
    if ('leaves' in item) return `${item.suffix} ${digestOf(item.leaves)}`;
    return createHash('md5').update(JSON.stringify(item)).digest('hex');
  }

  /** What the other lacks of it is touched, so that it is told. */
  merge(key: string, item: Item): void {
    const [kind, name, id] = parted(key);
    const before = this.digest(key);
    if (kind === 'member' && 'revision' in item) {
      const { members } = this.common;
      members.set(name, Math.max(item.revision, members.get(name) ?? 0));
    } else if (kind === 'database') this.#mergeDatabase(name, item as { gone?: string; now?: Kept });
    else if ('leaves' in item) {
      const database = this.common.databases.get(name);
      if (database?.suffix !== item.suffix) return;
      database.docs.merge(id, item.leaves);
      // Also while nobody listens to the documents yet, as when they are read from disk.
      if (this.digest(key) !== before || digestOf(database.docs.leaves(id)) !== digestOf(item.leaves))
        this.touched(key);
      return;
    }
    const told = createHash('md5').update(JSON.stringify(item)).digest('hex');
    if (this.digest(key) !== before || this.digest(key) !== told) this.touched(key);
  }

  #mergeDatabase(name: string, { gone: tomb = '', now }: { gone?: string; now?: Kept }): void {
    const { databases, gone } = this.common;
    if (tomb > (gone.get(name) ?? '')) gone.set(name, tomb);
    const buried = gone.get(name) ?? '';
    const own = databases.get(name);
    if (own && own.suffix <= buried) databases.delete(name);
    if (now === undefined || now.suffix <= buried) return;
    // Of two databases of one name one wins, and what is in the other is lost.
    if (own === undefined || own.suffix < now.suffix)
      databases.set(name, { ...now, filled: new Set(now.filled), docs: this.#documentsOf(name) });
    else if (own.suffix === now.suffix) mergeInto(own, now);
  }
}

function mergeInto(own: Database, other: Kept): void {
  const size = ({ byRange, changelog }: Pick<Kept, 'byRange' | 'changelog'>) =>
    JSON.stringify([byRange, changelog]);
  if (other.revision > own.revision || (other.revision === own.revision && size(other) > size(own)))
    Object.assign(own, { byRange: other.byRange, changelog: other.changelog, revision: other.revision });
  const [mine, theirs] = [JSON.stringify(own.security), JSON.stringify(other.security)];
  if (
    other.securityRevision > own.securityRevision ||
    (other.securityRevision === own.securityRevision && theirs > mine)
  )
    Object.assign(own, { security: other.security, securityRevision: other.securityRevision });
  for (const copy of [...other.filled].sort()) own.filled.add(copy);
}

function keptOf({ docs: _, filled, ...rest }: Database): Kept {
  return {
    ...{ name: rest.name, suffix: rest.suffix, q: rest.q, partitioned: rest.partitioned },
    ...{ security: rest.security, securityRevision: rest.securityRevision, byRange: rest.byRange },
    ...{ changelog: rest.changelog, revision: rest.revision, filled: [...filled].sort() },
  };
}

/** Databases before what is in them. */
function inOrder(keys: readonly string[]): string[] {
  const isDocument = (key: string) => key.startsWith('doc ');
  return [...keys.filter((key) => !isDocument(key)), ...keys.filter(isDocument)];
}

function parted(key: string): [kind: string, name: string, id: string] {
  const [, kind, name, id = ''] = /^(\S+) (\S+)(?: ([\s\S]*))?$/.exec(key)!;
  return [kind!, name!, id];
}
