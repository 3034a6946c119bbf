/** Chance that is the same for the same seed. */

export interface Chance {
  /** A whole number below the bound. */
  below(bound: number): number;
  pick<T>(from: readonly T[]): T;
  /** So many of them, each once, in any order. */
  some<T>(from: readonly T[], count: number): T[];
}

/** xorshift32 (Marsaglia: Xorshift RNGs, 2003). */
export function createChance(seed: number): Chance {
  let state = Math.imul(seed, 0x9e3779b1) || 1;
  function below(bound: number): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  }
  for (let warm = 0; warm < 8; warm++) below(2);
  return {
    below,
    pick: (from) => from[below(from.length)]!,
    some(from, count) {
      const left = [...from];
      return Array.from(
        { length: Math.min(count, left.length) },
        () => left.splice(below(left.length), 1)[0]!,
      );
    },
  };
}
