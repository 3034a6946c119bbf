/** Sentences for what package managers print when they give up. */
import type { Outcome } from '../../core/host.ts';

export type Complaint = readonly [RegExp, (match: RegExpExecArray) => string];

/** The sentence of the first pattern that is found, on stderr or else on stdout. */
export function firstOf(complaints: readonly Complaint[], { stdout, stderr }: Outcome): string | undefined {
  for (const [pattern, sentence] of complaints) {
    const match = pattern.exec(stderr) ?? pattern.exec(stdout);
    if (match) return sentence(match);
  }
  return undefined;
}
