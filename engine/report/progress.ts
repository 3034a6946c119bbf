/** A line at the bottom of a terminal that tells what runs now, and is gone before anything else is printed. */
import { cut } from './visible.ts';

export interface Progress {
  show(text: string): void;
  clear(): void;
}

export interface ProgressTerminal {
  write(text: string): void;
  /** 0 where nobody knows. */
  readonly columns: number;
}

/** Milliseconds between two updates: more often than an eye can follow only costs time. */
const interval = 60;

/**
 * Without a terminal nothing is ever written. `text` has to be free of control characters. `before` runs right
 * before a line is drawn, for output that should stand above it.
 */
export function createProgress(terminal: ProgressTerminal | undefined, before: () => void): Progress {
  if (!terminal) return { show() {}, clear() {} };
  let wanted = '';
  let drawn = false;
  let last = performance.now();
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    clear();
    before();
    last = performance.now();
    drawn = true;
    terminal!.write(`\r${cut(wanted, (terminal!.columns || 80) - 1)}`);
  }

  function clear(): void {
    clearTimeout(timer);
    timer = undefined;
    // Erase in line (ECMA-48 EL).
    if (drawn) terminal!.write('\r\x1b[2K');
    drawn = false;
  }

  return {
    show(text) {
      wanted = text;
      if (performance.now() - last >= interval) draw();
      // What comes too soon is drawn later, if nothing else comes: it may be what takes long.
      else timer ??= setTimeout(draw, interval).unref();
    },
    clear,
  };
}
