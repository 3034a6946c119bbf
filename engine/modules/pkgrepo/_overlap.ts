/** Where two entries of apt say the same, in part or in contradiction. */
import type { SourceFile } from './_apt.ts';
import { type Entry, type Located, overlaps, sameRelease, sameRepository, singles } from './_entry.ts';

/** Nothing but what the other one says, too. */
export function isDuplicate(one: Entry, of: Entry): boolean {
  return (
    one.enabled &&
    of.enabled &&
    sameRepository(one, of) &&
    one.types.every((type) => of.types.includes(type)) &&
    one.components.every((component) => of.components.includes(component))
  );
}

/** Files that say a part of it, too, which apt complains of. */
export function overlapping(entry: Entry, files: readonly SourceFile[]): string[] {
  const parts = [entry, ...singles(entry)];
  const collides = ({ entry: one }: Located) =>
    one.enabled && overlaps(one, entry) && !parts.some((part) => isDuplicate(one, part));
  return files
    .filter(({ entries }) => entries.some(collides))
    .map(({ path }) => `${path} brings a part of this repository, too.`);
}

/** What apt wants to be one and the same for a release, or it gives up altogether. */
const shared = ['signed-by', 'trusted'];

/**
 * Other entries for the same release that are left there and name another key. Not refused: where both are to change,
 * one has to be the first.
 */
export function contradictions(entry: Entry, files: readonly SourceFile[]): string[] {
  if (!entry.enabled) return [];
  const parts = [entry, ...singles(entry)];
  return files.flatMap(({ path, entries }) =>
    entries.flatMap(({ entry: one }) => {
      if (!one.enabled || !sameRelease(one, entry) || parts.some((part) => isDuplicate(one, part))) return [];
      const option = shared.find((name) => one.options.get(name) !== entry.options.get(name));
      if (option === undefined) return [];
      const [theirs, ours] = [one, entry].map(({ options }) => options.get(option) ?? 'nothing');
      return [
        `${path} describes the same release with ${option} ${theirs} instead of ${ours}: apt gives up until both are alike.`,
      ];
    }),
  );
}
