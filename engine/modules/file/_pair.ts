/** A path, and the other one that it is made from: what lies at both. */
import type { Reader, Stat } from '../../core/host.ts';
import { type Parents, parentsOf } from './_parents.ts';
import { pathOf } from './_path.ts';

export interface Pair {
  readonly path: string;
  readonly from: string;
  readonly stat: Stat | undefined;
  readonly fromStat: Stat | undefined;
  /** Where nothing lies at the path yet. */
  readonly parents?: Parents;
}

export function pairOf(name: string, other: string, reader: Reader): Pair {
  const path = pathOf(name, reader);
  const from = pathOf(other, reader);
  const stat = reader.stat(path);
  return {
    path,
    from,
    stat,
    fromStat: reader.stat(from),
    parents: stat ? undefined : parentsOf(path, reader),
  };
}
