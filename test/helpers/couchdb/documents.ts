/** Documents with revisions and conflicts, as CouchDB keeps them. */
import { createHash } from 'node:crypto';

export type Body = { readonly [key: string]: unknown };

/** The end of a branch of a document's history. */
interface Leaf {
  readonly rev: string;
  readonly deleted: boolean;
  readonly body: Body;
}

/** What CouchDB answers instead of doing what it was asked for. */
export class Refused extends Error {
  readonly status: number;
  readonly error: string;
  constructor(status: number, error: string, reason: string) {
    super(reason);
    this.status = status;
    this.error = error;
  }
}

export const conflict = () => new Refused(409, 'conflict', 'Document update conflict.');

export class Documents {
  readonly #leaves = new Map<string, Leaf[]>();

  /** The winner: what is not deleted first, then the longest history, then the higher hash. */
  #winner(id: string): Leaf | undefined {
    return this.#leaves.get(id)?.toSorted(byRank)[0];
  }

  get(id: string, withConflicts = false): Body {
    const leaf = this.#winner(id);
    if (leaf === undefined) throw new Refused(404, 'not_found', 'missing');
    if (leaf.deleted) throw new Refused(404, 'not_found', 'deleted');
    const others = this.#leaves.get(id)!.filter((one) => one !== leaf && !one.deleted);
    const conflicts = withConflicts && others.length > 0 ? { _conflicts: others.map(({ rev }) => rev) } : {};
    return { _id: id, _rev: leaf.rev, ...leaf.body, ...conflicts };
  }

  ids(): string[] {
    return [...this.#leaves.keys()].filter((id) => this.#winner(id)?.deleted === false).sort();
  }

  /** The new revision. A deleted document may be written anew without one. */
  put(id: string, { _id, _rev, ...body }: Body, deleted = false): string {
    const leaves = this.#leaves.get(id) ?? [];
    const winner = this.#winner(id);
    if (_rev !== undefined && !/^\d+-[0-9a-f]+$/.test(String(_rev)))
      throw new Refused(400, 'bad_request', 'Invalid rev format');
    if (_rev === undefined && deleted && winner?.deleted !== false)
      throw new Refused(404, 'not_found', winner ? 'deleted' : 'missing');
    const old =
      _rev === undefined ? (winner?.deleted ? winner : undefined) : leaves.find(({ rev }) => rev === _rev);
    if (old === undefined && (winner !== undefined || _rev !== undefined)) throw conflict();
    const leaf = leafAfter(old, body, deleted);
    this.#leaves.set(id, [...leaves.filter((one) => one !== old), leaf]);
    return leaf.rev;
  }

  /** What another node wrote at the same time. */
  putBeside(id: string, body: Body): void {
    const leaves = this.#leaves.get(id) ?? [];
    this.#leaves.set(id, [...leaves, leafAfter(undefined, body, false)]);
  }
}

function leafAfter(old: Leaf | undefined, body: Body, deleted: boolean): Leaf {
  const number = Number(old?.rev.split('-')[0] ?? 0) + 1;
  const hash = createHash('md5')
    .update(JSON.stringify([old?.rev, body, deleted]))
    .digest('hex');
  return { rev: `${number}-${hash}`, deleted, body };
}

function byRank(one: Leaf, other: Leaf): number {
  if (one.deleted !== other.deleted) return one.deleted ? 1 : -1;
  const [length, hash] = one.rev.split('-') as [string, string];
  const [otherLength, otherHash] = other.rev.split('-') as [string, string];
  return Number(otherLength) - Number(length) || (otherHash < hash ? -1 : 1);
}
