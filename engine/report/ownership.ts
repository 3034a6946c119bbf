/** What is owned, for people: a line for each thing, and one for the state that answers for it. */
import { visibleLine } from './visible.ts';

export interface OwnershipOutline {
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly id: string;
  readonly sls: string;
  /** Where the state is declared, if it still is. */
  readonly file?: string;
  readonly line?: number;
  /** Times in ISO 8601. */
  readonly applied: string;
  /** Since when nobody declares it any more. */
  readonly orphan_since?: string;
  /** File roots. */
  readonly tree: readonly string[];
}

/** `tree`: the one that needs no mention. */
export function ownershipLines(owned: readonly OwnershipOutline[], tree: readonly string[]): string[] {
  return owned.flatMap((one) => {
    const place = one.file === undefined ? '' : ` (${visibleLine(one.file)}:${one.line})`;
    const elsewhere = one.tree.join() === tree.join() ? '' : `, of the tree ${one.tree.join(', ')}`;
    const orphan = one.orphan_since === undefined ? '' : `, declared no more since ${time(one.orphan_since)}`;
    return [
      `${one.kind} ${visibleLine(one.name)}`,
      `    ${one.state} of ID "${visibleLine(one.id)}", SLS ${visibleLine(one.sls)}${place}${elsewhere}`,
      `    applied ${time(one.applied)}${orphan}`,
    ];
  });
}

function time(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}
