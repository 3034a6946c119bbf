/** What differs between two listings of the table, in the language of nft, and the transaction that closes it. */
import type { Change } from '../../core/state.ts';
import { elementText, type Listing } from './_listing.ts';
import { table } from './_text.ts';

export interface Shown {
  readonly listing: Listing | undefined;
  /** The listing as text. */
  readonly text: string;
}

/** Named differences; the definitions of chains and sets as texts, the elements of sets one a line. */
export function changesBetween(old: Shown, wanted: Shown): Change[] {
  const changes: Change[] = [];
  const [before, after] = [blocksOf(old.text), blocksOf(wanted.text)];
  const named = [old, wanted].flatMap(({ listing }) => [...(listing?.objects.keys() ?? [])]);
  for (const name of new Set([...after.keys(), ...before.keys(), ...named])) {
    const was = old.listing?.objects.get(name);
    const is = wanted.listing?.objects.get(name);
    if (was !== is && !(name === 'table' && (!was || !is))) {
      // What the text does not tell, such as the flags of the table, is shown as it was compared.
      const told = before.get(name) !== after.get(name);
      const text = (json: string | undefined, blocks: ReadonlyMap<string, string>): string | undefined =>
        json === undefined ? undefined : told ? blocks.get(name) : `${json}\n`;
      changes.push({ subject: name, old: text(was, before), new: text(is, after), text: true });
    }
    const [had, has] = [elementLines(old.listing, name), elementLines(wanted.listing, name)];
    if (had !== has) changes.push({ subject: `elements of ${name}`, old: had, new: has, text: true });
  }
  return changes;
}

function elementLines(listing: Listing | undefined, name: string): string | undefined {
  const elements = listing?.elements.get(name);
  if (elements === undefined || elements.length === 0) return undefined;
  return elements
    .map((json) => `${(json.includes('"elem"') ? undefined : elementText(json)) ?? json}\n`)
    .join('');
}

/** Chains and sets of `nft list table`, without the elements of sets. */
export function blocksOf(text: string): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const [, name, body] of text.matchAll(/^\t(\S+ \S+) \{\n((?:\t\t.*\n)*)\t\}$/gm)) {
    const lines = name!.startsWith('set ') ? body!.replace(/^\t\telements = \{[^}]*\}\n/m, '') : body!;
    blocks.set(name!, lines.replace(/^\t\t/gm, ''));
  }
  return blocks;
}

/**
 * Commands that only add and delete elements, so that rules keep their counters and sets what they measured;
 * undefined where more than elements differ.
 */
export function elementCommands(old: Listing | undefined, wanted: Listing): string | undefined {
  if (old === undefined || old.objects.size !== wanted.objects.size) return undefined;
  for (const [name, json] of wanted.objects) if (old.objects.get(name) !== json) return undefined;
  const deletions: string[] = [];
  const additions: string[] = [];
  for (const [name, is] of wanted.elements) {
    const was = old.elements.get(name) ?? [];
    const [before, after] = [new Set(was), new Set(is)];
    const gone = was.filter((one) => !after.has(one));
    const flushed = gone.length > flushBeyond;
    const come = flushed ? is : is.filter((one) => !before.has(one));
    const set = `${table} ${name.slice('set '.length)}`;
    const [deleted, added] = [gone, come].map((some) => some.map(elementText));
    if (deleted!.includes(undefined) || added!.includes(undefined)) return undefined;
    if (flushed) deletions.push(`flush set ${set}\n`);
    else if (gone.length > 0) deletions.push(`delete element ${set} {\n${deleted!.join(',\n')}\n}\n`);
    if (come.length > 0) additions.push(`add element ${set} {\n${added!.join(',\n')}\n}\n`);
  }
  return [...deletions, ...additions].join('');
}

/** nft 1.0.6 takes a minute to delete 10,000 elements one by one, and no time to flush and fill a set. */
const flushBeyond = 100;
