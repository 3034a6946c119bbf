/** Items on disk, a line for each change of one: whoever is killed has them when it starts again. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Item, Ledger } from './ledger.ts';

export class Journal {
  readonly #ledger: Ledger;
  readonly #file: number;
  #isOpen = true;

  /** What is there becomes part of what the ledger has. A line that was cut short by the end says nothing. */
  constructor(ledger: Ledger, folder: string) {
    this.#ledger = ledger;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'store.ndjson');
    for (const [key, item] of linesOf(path)) ledger.merge(key, item);
    ledger.taken();
    const fresh = `${path}.new`;
    rmSync(fresh, { force: true });
    this.#file = openSync(fresh, 'a', 0o600);
    this.write(ledger.keys());
    renameSync(fresh, path);
  }

  write(keys: readonly string[]): void {
    if (!this.#isOpen) return;
    for (let start = 0; start < keys.length; start += 1000) {
      const part = keys.slice(start, start + 1000);
      const lines = part.map((key) => `${JSON.stringify([key, this.#ledger.item(key)])}\n`);
      writeSync(this.#file, lines.join(''));
    }
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }
}

function linesOf(path: string): [string, Item][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}
