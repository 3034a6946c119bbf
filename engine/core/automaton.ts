/** Finds many texts in one pass over another (Aho, Corasick: Efficient string matching, CACM 18, 1975). */

export interface Hit {
  readonly start: number;
  readonly end: number;
  /** Index of the pattern. */
  readonly pattern: number;
}

interface Node {
  readonly next: Map<number, Node>;
  /** Where to go on when no next fits: the longest end of what was read that begins a pattern. */
  fail: Node | undefined;
  /** Patterns that end here, those of `fail` included. */
  ends: number[];
}

export interface Pattern {
  readonly text: string;
  /** White space counts for nothing: the text may be broken into lines, or indented. */
  readonly folded?: true;
}

/** So many characters of a pattern are looked for; the rest of it is compared. A key of 3 KB needs no 3000 nodes. */
const reach = 10;

/** Every place where one of the patterns stands, overlapping ones too. */
export function automaton(patterns: readonly Pattern[]): (text: string) => Hit[] {
  const root: Node = { next: new Map(), fail: undefined, ends: [] };
  const heads = patterns.map(headOf);
  for (const [index, head] of heads.entries()) {
    let node = root;
    for (let at = 0; at < head.length; at++) node = step(node, head.charCodeAt(at));
    node.ends.push(index);
  }
  const queue: Node[] = [...root.next.values()];
  for (const node of queue) {
    for (const [unit, child] of node.next) {
      let back = node.fail ?? root;
      while (back !== root && !back.next.has(unit)) back = back.fail ?? root;
      const fallback = back.next.get(unit);
      child.fail = fallback === child ? root : (fallback ?? root);
      if (child.fail.ends.length > 0) child.ends = [...child.ends, ...child.fail.ends];
      queue.push(child);
    }
  }
  /** Of most characters no pattern begins with them: told faster than the root can. */
  const begins = new Uint8Array(0x10000);
  for (const unit of root.next.keys()) begins[unit] = 1;
  return (text) => {
    const hits: Hit[] = [];
    let node = root;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (node === root && begins[unit] === 0) continue;
      let next = node.next.get(unit);
      while (next === undefined && node !== root) {
        node = node.fail ?? root;
        next = node.next.get(unit);
      }
      node = next ?? root;
      for (const pattern of node.ends) {
        const start = at + 1 - heads[pattern]!.length;
        const end = endOf(patterns[pattern]!, text, start);
        if (end !== undefined) hits.push({ start, end, pattern });
      }
    }
    return hits;
  };
}

function headOf({ text, folded }: Pattern): string {
  // Nobody breaks a line before the fourth character.
  return folded ? /^\S{0,4}/.exec(text)![0] : text.slice(0, reach);
}

/** Where the pattern that may begin here ends, if it stands here at all. */
function endOf({ text: wanted, folded }: Pattern, text: string, start: number): number | undefined {
  if (!folded) return text.startsWith(wanted, start) ? start + wanted.length : undefined;
  let at = start;
  for (let index = 0; index < wanted.length; index++) {
    const unit = wanted.charCodeAt(index);
    if (isSpace(unit)) continue;
    while (isSpace(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at++) !== unit) return undefined;
  }
  return at;
}

/** Blank, tab, line feed, carriage return. */
function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

function step({ next }: Node, unit: number): Node {
  const known = next.get(unit);
  if (known) return known;
  const made: Node = { next: new Map(), fail: undefined, ends: [] };
  next.set(unit, made);
  return made;
}
