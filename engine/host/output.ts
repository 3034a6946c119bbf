/** Collects what a process prints, however much: the first and the last mebibyte are kept, or all bytes of it. */

const limit = 1 << 20;

export interface Collector {
  add(chunk: Buffer): void;
  text(): string;
}

export function createCollector(): Collector {
  const head: Buffer[] = [];
  let headLength = 0;
  let tail: Buffer[] = [];
  let tailLength = 0;
  let dropped = 0;

  function trim(): void {
    const all = Buffer.concat(tail);
    const kept = Buffer.from(all.subarray(all.length - limit));
    dropped += all.length - kept.length;
    tail = [kept];
    tailLength = kept.length;
  }
  return {
    add(chunk) {
      const fits = Math.min(chunk.length, limit - headLength);
      if (fits > 0) {
        head.push(chunk.subarray(0, fits));
        headLength += fits;
      }
      if (fits === chunk.length) return;
      tail.push(chunk.subarray(fits));
      tailLength += chunk.length - fits;
      if (tailLength > 4 * limit) trim();
    },
    text() {
      if (tailLength > limit) trim();
      if (dropped === 0) return Buffer.concat([...head, ...tail]).toString();
      const gap = `\n[${dropped} bytes left out]\n`;
      return Buffer.concat(head).toString() + gap + Buffer.concat(tail).toString();
    },
  };
}

export interface Keeper extends Collector {
  /** All that came; undefined where that was too much. */
  bytes(): Buffer | undefined;
}

/** Keeps bytes as they are, at most so many: beyond that nothing is kept, and nothing fills the memory. */
export function createKeeper(most: number): Keeper {
  let chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk) {
      length += chunk.length;
      if (length <= most) chunks.push(chunk);
      else chunks = [];
    },
    text: () => '',
    bytes: () => (length <= most ? Buffer.concat(chunks) : undefined),
  };
}
