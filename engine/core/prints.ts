/** Recognises texts that nobody has any more, by their length and a keyed fingerprint that rolls along another text. */

/** What is kept of a text. */
export interface Print {
  readonly length: number;
  readonly hash: readonly [number, number];
}

/** Shorter ones would be found where they stand by chance. */
export const leastPrinted = 8;

interface Sought<T> {
  readonly second: number;
  readonly what: T;
}

/**
 * Two polynomials modulo 2^32 over the UTF-16 units of a text, with factors out of a key of 16 bytes at least (Karp,
 * Rabin: Efficient randomized pattern-matching algorithms, 1987). With the key a guess can be checked: prints are kept
 * where the key is, and for nobody else.
 */
export class Prints<T> {
  readonly #factors: readonly [number, number];
  /** By length, then by the first half of the fingerprint. */
  readonly #sought = new Map<number, Map<number, Sought<T>[]>>();

  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
    // An even factor would forget what lies far back.
    this.#factors = [view.getUint32(8, true) | 1, view.getUint32(12, true) | 1];
  }

  print(text: string): Print {
    const [one, other] = this.#factors;
    let [first, second] = [0, 0];
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at) + 1;
      first = (Math.imul(first, one) + unit) | 0;
      second = (Math.imul(second, other) + unit) | 0;
    }
    return { length: text.length, hash: [first, second] };
  }

  add({ length, hash: [first, second] }: Print, what: T): void {
    const alike = this.#sought.get(length) ?? new Map<number, Sought<T>[]>();
    this.#sought.set(length, alike);
    alike.set(first, [...(alike.get(first) ?? []), { second, what }]);
  }

  /** Where texts of which only a print is known stand in another. */
  *search(text: string): Generator<{ readonly start: number; readonly end: number; readonly what: T }> {
    const [one, other] = this.#factors;
    for (const [length, sought] of this.#sought) {
      if (length > text.length) continue;
      let [first, second, farOne, farOther] = [0, 0, 1, 1];
      for (let at = 0; at < length; at++) {
        farOne = Math.imul(farOne, one);
        farOther = Math.imul(farOther, other);
      }
      for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at) + 1;
        const gone = at < length ? 0 : text.charCodeAt(at - length) + 1;
        first = (Math.imul(first, one) + unit - Math.imul(gone, farOne)) | 0;
        second = (Math.imul(second, other) + unit - Math.imul(gone, farOther)) | 0;
        if (at < length - 1) continue;
        for (const { second: wanted, what } of sought.get(first) ?? [])
          if (wanted === second) yield { start: at + 1 - length, end: at + 1, what };
      }
    }
  }
}
