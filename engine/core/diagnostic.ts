/** What went wrong in the user's files, as plain data: where, what was found, what to do. */
import type { Code } from './codes.ts';

/** A place in a file the user wrote. Lines and columns count from 1; `length` is how much to underline. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/**
 * Where a value came from. Most origins are never asked, so a place is worked out only on demand
 * (for YAML: by parsing the rendered text once more and mapping it back through the template).
 */
export interface Origin {
  place(): Place;
}

/** A second place that explains the first, such as "first declared here". */
export interface Related {
  readonly message: string;
  readonly origin: Origin;
}

export interface Diagnostic {
  readonly code: Code;
  /** Found against expected, in the user's words; one or two sentences. */
  readonly message: string;
  readonly origin?: Origin;
  /** One imperative sentence. */
  readonly hint?: string;
  readonly related?: readonly Related[];
  /** The chain of includes or imports that led to the file, outermost first. */
  readonly trail?: readonly Place[];
}

/** An origin whose place is already known. */
export function at(file: string, line: number, column: number, length?: number): Origin {
  const place: Place = length === undefined ? { file, line, column } : { file, line, column, length };
  return { place: () => place };
}

/** Expected trouble that ends a pass: all its diagnostics at once. Caught by whoever runs the pass. */
export class Trouble extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((one) => one.message).join('\n'));
    this.diagnostics = diagnostics;
  }
}

/** An error of ours, never of the user: exit code 70 and a request to report it. */
export class Bug extends Error {}

/** The nearest of the known words, if near enough to be a likely slip; for "did you mean". */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment distance (Damerau 1964, restricted): a swap of neighbours counts once. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, beforeLast[j - 2]! + 1);
      }
      row.push(value);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
