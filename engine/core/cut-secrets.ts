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
const least = 8;
/** Where nothing marks a cut, at the ends of a text, it takes more: a command was killed, or its output cut by another. */
const unmarked = 12;
/** Nothing is looked for further than this from a mark. */
const far = 2048;

export function remnantSearch(patterns: readonly string[]): (text: string) => Remnant[] {
  const heads = new Map<string, number[]>();
  const tails = new Map<string, number[]>();
  // Most places are passed over without making a text of them.
  const [mayBegin, mayEnd] = [new Set<number>(), new Set<number>()];
  for (const [index, pattern] of patterns.entries()) {
    if (pattern.length <= least) continue;
    note(heads, pattern.slice(0, least), index);
    note(tails, pattern.slice(-least), index);
    mayBegin.add(unitsAt(pattern, 0));
    mayEnd.add(unitsAt(pattern, pattern.length - 3));
  }
  /** What ends at a cut, behind `from`. */
  function headBefore(text: string, cut: number, from: number, most: number): Remnant | undefined {
    for (let start = Math.max(from, cut - far); start <= cut - most; start++) {
      if (!mayBegin.has(unitsAt(text, start))) continue;
      const candidates = heads.get(text.slice(start, start + least));
      const pattern = candidates?.find((one) => beginsWith(patterns[one]!, text.slice(start, cut)));
      if (pattern !== undefined) return { start, end: cut, pattern };
    }
    return undefined;
  }
  /** What begins at a cut, before `until`. */
  function tailBehind(text: string, cut: number, until: number, most: number): Remnant | undefined {
    for (let end = Math.min(until, cut + far); end >= cut + most; end--) {
      if (!mayEnd.has(unitsAt(text, end - 3))) continue;
      const candidates = tails.get(text.slice(end - least, end));
      const pattern = candidates?.find((one) => endsWith(patterns[one]!, text.slice(cut, end)));
      if (pattern !== undefined) return { start: cut, end, pattern };
    }
    return undefined;
  }
  return (text) => {
    // Between two cuts nothing is looked at more than twice, however many there are.
    const cuts =
      text.search(mark) === -1
        ? []
        : [...text.matchAll(mark)].map(({ 0: sign, index }) => ({ start: index, end: index + sign.length }));
    const found = [
      headBefore(text, text.length, cuts.at(-1)?.end ?? 0, unmarked),
      tailBehind(text, 0, cuts[0]?.start ?? text.length, unmarked),
    ];
    for (const [index, { start, end }] of cuts.entries()) {
      found.push(headBefore(text, start, cuts[index - 1]?.end ?? 0, least));
      found.push(tailBehind(text, end, cuts[index + 1]?.start ?? text.length, least));
    }
    return found.filter((one) => one !== undefined);
  };
}

/** Escapes that were cut themselves: their beginnings and their ends. */
const begun = /(?:%[0-9a-f]?|\\(?:u?[0-9a-f]{0,3})|&#?\w{0,4})$/i;
const ended = /^(?:[0-9a-f]{1,4};?|[a-z]{1,3};)/i;

function beginsWith(pattern: string, left: string): boolean {
  if (pattern.startsWith(left)) return true;
  const whole = left.replace(begun, '');
  return whole.length >= least && pattern.startsWith(whole);
}

function endsWith(pattern: string, left: string): boolean {
  if (pattern.endsWith(left)) return true;
  const rest = ended.exec(left)?.[0] ?? '';
  for (let off = 1; off <= rest.length; off++)
    if (left.length - off >= least && pattern.endsWith(left.slice(off))) return true;
  return false;
}

/** Three characters as a number; different ones may share it. */
function unitsAt(text: string, at: number): number {
  return (text.charCodeAt(at) << 16) ^ (text.charCodeAt(at + 1) << 8) ^ text.charCodeAt(at + 2);
}

function note(index: Map<string, number[]>, key: string, value: number): void {
  const known = index.get(key);
  if (known) known.push(value);
  else index.set(key, [value]);
}
