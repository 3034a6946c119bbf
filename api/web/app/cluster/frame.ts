/** The stretch of time that charts show, and what falls into it. */
import { memory, type Role, type Served } from './tally.ts';

/** The look-back grows with the time that has passed, up to the whole memory. */
const shortest = 400;
const widths = [10, 20, 50, 100, 250, 500, 1000];
/** The stretch of time that is shown, in buckets of a round width that do not shift as time goes on. */
export interface Frame {
  readonly from: number;
  readonly span: number;
  readonly bucket: number;
}

export function frameAt(begun: number, now: number): Frame {
  const span = Math.min(memory, Math.max(shortest, now - begun));
  const bucket = widths.find((width) => span / width <= 60) ?? 1000;
  return { from: Math.max(begun, now - span), span, bucket };
}

/** Sums of uuids: bucket → name of the node → sum. */
export function buckets(
  recent: readonly Served[],
  role: Role,
  { from, bucket }: Frame,
): Map<number, Map<string, number>> {
  const found = new Map<number, Map<string, number>>();
  for (const served of recent) {
    const at = Math.floor(served.at / bucket) * bucket;
    if (at + bucket <= from) continue;
    const names = found.get(at) ?? new Map<string, number>();
    names.set(served[role], (names.get(served[role]) ?? 0) + served.count);
    found.set(at, names);
  }
  return found;
}

/** The next of 1, 2, 5, 10, 20, … */
export function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}

/** Values for the rules of a logarithmic axis: 1, 2, 5, 10, …, and powers of ten alone where those were too many. */
export function roundValues(low: number, high: number): number[] {
  const values: number[] = [];
  for (let value = low; value <= high; value = roundAbove(value * 1.5)) values.push(value);
  return values.length <= 5 ? values : values.filter((value) => Number.isInteger(Math.log10(value)));
}
