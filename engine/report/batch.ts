/** Gathers small writes into few large ones: ten thousand lines should not be ten thousand system calls. */

export interface Batch {
  write(text: string): void;
  /** Hands on what was gathered: before anything that may take long, and at the end. */
  flush(): void;
}

const limit = 65_536;

export function createBatch(write: (text: string) => void): Batch {
  let gathered = '';
  function flush(): void {
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    write(text);
  }
  return {
    write(text) {
      gathered += text;
      if (gathered.length >= limit) flush();
    },
    flush,
  };
}
