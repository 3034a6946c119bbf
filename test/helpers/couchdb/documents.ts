/** Documents with revisions and conflicts, as CouchDB keeps them. */
import { randomBytes } from 'node:crypto';
import { bisect } from './bisect.ts';
import { conflict, notFound, Refused } from './refused.ts';
import { type Body, byRank, digestOf, type Leaf, leafAfter, together } from './revisions.ts';

export interface Change {
  readonly seq: number;
  readonly id: string;
  readonly leaves: readonly Leaf[];
}

export interface PutOptions {
  readonly deleted?: boolean;
  /** Asked once more, as it is not known what became of it: what is there already is no conflict. */
  readonly again?: boolean;
}

export class Documents {
  /** The winner first. */
  readonly #leaves = new Map<string, readonly Leaf[]>();
  /** When each document was last changed; and who was changed, by that number. */
  readonly #changed = new Map<string, number>();
  readonly #log: string[] = [];
  readonly #designs = new Set<string>();
  /** Of those that are there. */
  readonly #ids: string[] = [];
  readonly #late = new Map<string, () => void>();
  readonly #onChange: (id: string) => void;

  constructor(onChange: (id: string) => void = () => {}) {
    this.#onChange = onChange;
  }

  get seq(): number {
    return this.#log.length;
  }

  get(id: string, withConflicts = false): Body {
    const leaf = this.#leaves.get(id)?.[0];
    if (leaf === undefined) throw notFound('missing');
    if (leaf.deleted) throw notFound('deleted');
    const others = this.leaves(id).filter((one) => one !== leaf && !one.deleted);
    const conflicts = withConflicts && others.length > 0 ? { _conflicts: others.map(({ rev }) => rev) } : {};
    return { _id: id, _rev: leaf.rev, ...leaf.body, ...conflicts };
  }

  has(id: string): boolean {
    return this.#leaves.get(id)?.[0]?.deleted === false;
  }

  leaves(id: string): readonly Leaf[] {
    return this.#leaves.get(id) ?? [];
  }

  /** In their order, without local ones. */
  ids(): readonly string[] {
    return this.#ids;
  }

  designs(): readonly Body[] {
    return [...this.#designs].filter((id) => this.has(id)).map((id) => this.get(id));
  }

  changes(since = 0): Change[] {
    return this.#log.slice(since).flatMap((id, index) => {
      const seq = since + index + 1;
      return this.#changed.get(id) === seq ? [{ seq, id, leaves: this.leaves(id) }] : [];
    });
  }

  /** What a body is written upon, where that is no conflict. A deleted document may be written anew without one. */
  before(id: string, { _rev }: Body, deleted = false): Leaf | undefined {
    if (_rev !== undefined) this.#arrive(String(_rev));
    const [winner] = this.leaves(id);
    if (_rev !== undefined && !/^\d+-[0-9a-f]+$/.test(String(_rev)))
      throw new Refused(400, 'bad_request', 'Invalid rev format');
    if (_rev === undefined && deleted && winner?.deleted !== false)
      throw notFound(winner ? 'deleted' : 'missing');
    const old =
      _rev === undefined
        ? winner?.deleted
          ? winner
          : undefined
        : this.leaves(id).find(({ rev }) => rev === _rev);
    if (old === undefined && (winner !== undefined || _rev !== undefined)) throw conflict();
    return old;
  }

  /** The new revision. */
  put(id: string, told: Body, { deleted = false, again = false }: PutOptions = {}): string {
    const { _id, _rev, ...body } = told;
    const leaves = this.leaves(id);
    const done = again ? writtenBefore(leaves, { _rev, body, deleted }) : undefined;
    if (done !== undefined) return done;
    const old = this.before(id, told, deleted);
    const leaf = leafAfter(old, body, deleted);
    this.#keep(id, [...leaves.filter((one) => one !== old), leaf].sort(byRank));
    return leaf.rev;
  }

  /** What another node wrote at the same time. It is seen after so many milliseconds, or when it is named. */
  putBeside(id: string, { _id, _rev, ...body }: Body, later = 0): string {
    const rev = `1-${randomBytes(16).toString('hex')}`;
    this.#late.set(rev, () => this.merge(id, [{ rev, body, deleted: false, history: [] }]));
    if (later > 0) setTimeout(() => this.#arrive(rev), later);
    else this.#arrive(rev);
    return rev;
  }

  #arrive(rev: string): void {
    const merge = this.#late.get(rev);
    this.#late.delete(rev);
    merge?.();
  }

  merge(id: string, others: readonly Leaf[]): void {
    const own = this.leaves(id);
    const all = together(own, others);
    if (digestOf(all) !== digestOf(own)) this.#keep(id, all);
  }

  #keep(id: string, leaves: readonly Leaf[]): void {
    const before = this.has(id);
    this.#leaves.set(id, leaves);
    if (this.has(id) !== before && !id.startsWith('_local/')) {
      const place = bisect(this.#ids, (one) => one >= id);
      if (before) this.#ids.splice(place, 1);
      else this.#ids.splice(place, 0, id);
    }
    if (id.startsWith('_design/')) this.#designs.add(id);
    this.#changed.set(id, this.#log.push(id));
    this.#onChange(id);
  }
}

function writtenBefore(
  leaves: readonly Leaf[],
  { _rev, body, deleted }: { _rev: unknown; body: Body; deleted: boolean },
): string | undefined {
  return leaves.find(({ rev, history }) => {
    const [before] = history;
    if (before !== _rev && !(_rev === undefined && deleted === false)) return false;
    const old = before === undefined ? undefined : { rev: before, deleted, body, history: [] };
    return leafAfter(old, body, deleted).rev === rev;
  })?.rev;
}
