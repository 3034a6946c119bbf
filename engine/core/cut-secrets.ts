/** Finds what is left of a text where somebody cut it: its beginning before the mark of the cut, its end behind it. */

export interface Remnant {
  readonly start: number;
  readonly end: number;
  /** Index of the text that was cut. */
  readonly pattern: number;
}

/** As reports, messages and outputs mark what they leave out. */
const mark = /…|\.\.\.|\n?\[(?:\d+ bytes left out|…)\]\n?/g;

/** So many characters tell something; fewer are there by chance. */
const least = 6;
/** Nothing is looked for further than this from a mark. */
const far = 2048;

export function remnantSearch(patterns: readonly string[]): (text: string) => Remnant[] {
  const heads = new Map<string, number[]>();
  const tails = new Map<string, number[]>();
  for (const [index, pattern] of patterns.entries()) {
    if (pattern.length <= least) continue;
    note(heads, pattern.slice(0, least), index);
    note(tails, pattern.slice(-least), index);
  }
  return (text) => {
    const found: Remnant[] = [];
    for (const {
      0: { length },
      index: cut,
    } of text.matchAll(mark)) {
      for (let start = Math.max(0, cut - far); start <= cut - least; start++) {
        const candidates = heads.get(text.slice(start, start + least));
        const pattern = candidates?.find((one) => beginsWith(patterns[one]!, text.slice(start, cut)));
        if (pattern === undefined) continue;
        found.push({ start, end: cut, pattern });
        break;
      }
      const after = cut + length;
      for (let end = Math.min(text.length, after + far); end >= after + least; end--) {
        const candidates = tails.get(text.slice(end - least, end));
        const pattern = candidates?.find((one) => endsWith(patterns[one]!, text.slice(after, end)));
        if (pattern === undefined) continue;
        found.push({ start: after, end, pattern });
        break;
      }
    }
    return found;
  };
}

/** The last characters may be the beginning of an escape that was cut itself: `%2`, `\\u00`. */
const slack = 5;

function beginsWith(pattern: string, left: string): boolean {
  for (let off = 0; off <= slack && left.length - off >= least; off++)
    if (pattern.startsWith(left.slice(0, left.length - off))) return true;
  return false;
}

function endsWith(pattern: string, left: string): boolean {
  for (let off = 0; off <= slack && left.length - off >= least; off++)
    if (pattern.endsWith(left.slice(off))) return true;
  return false;
}

function note(index: Map<string, number[]>, key: string, value: number): void {
  const known = index.get(key);
  if (known) known.push(value);
  else index.set(key, [value]);
}
