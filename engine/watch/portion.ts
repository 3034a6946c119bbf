/** Spreads what nodes do over time: each has a portion of its own, which stays the same. */
import { keyedHash } from '../core/keyed-hash.ts';

const key = new Uint8Array(8);

/** From 0 to below 1. */
export function portionOf(...words: readonly string[]): number {
  return Number.parseInt(keyedHash(key, words.join('\0')).slice(0, 8), 16) / 2 ** 32;
}
