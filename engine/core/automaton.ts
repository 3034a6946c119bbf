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

/** Every place where one of the patterns stands, overlapping ones too, in the order of their ends. */
export function automaton(patterns: readonly string[]): (text: string) => Hit[] {
  const root: Node = { next: new Map(), fail: undefined, ends: [] };
  for (const [index, pattern] of patterns.entries()) {
    let node = root;
    for (let at = 0; at < pattern.length; at++) node = step(node, pattern.charCodeAt(at));
    node.ends.push(index);
  }
  const queue: Node[] = [...root.next.values()];
  for (const node of queue) {
    for (const [unit, child] of node.next) {
      let back = node.fail ?? root;
      while (back !== root && !back.next.has(unit)) back = back.fail ?? root;
      const fallback = back.next.get(unit);
      child.fail = fallback === child ? root : (fallback ?? root);
      child.ends = [...child.ends, ...child.fail.ends];
      queue.push(child);
    }
  }
  return (text) => {
    const hits: Hit[] = [];
    let node = root;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      let next = node.next.get(unit);
      while (next === undefined && node !== root) {
        node = node.fail ?? root;
        next = node.next.get(unit);
      }
      node = next ?? root;
      for (const pattern of node.ends) {
        hits.push({ start: at + 1 - patterns[pattern]!.length, end: at + 1, pattern });
      }
    }
    return hits;
  };
}

function step({ next }: Node, unit: number): Node {
  const known = next.get(unit);
  if (known) return known;
  const made: Node = { next: new Map(), fail: undefined, ends: [] };
  next.set(unit, made);
  return made;
}
