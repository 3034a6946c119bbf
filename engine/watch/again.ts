/** Keeps something up that may end by itself: started again, at once at first, and ever more rarely while it does not last. */
import type { Clock } from '../core/watch.ts';

/** Milliseconds. */
const first = 100;
const rarest = 300_000;
/** After that it counts as having lasted. */
const lasting = 30_000;
/** So many in a row are no accident. */
const trouble = 3;

export interface Kept extends Disposable {
  /** Why it is down. */
  readonly down: string | undefined;
}

/** `warn` is told once until it has lasted again. `start` must not call `end` before it returns; what has ended is disposed of. */
export function keepUp(
  clock: Clock,
  start: (end: (reason: string) => void) => Disposable,
  warn: (reason: string) => void,
): Kept {
  let failures = 0;
  let down: string | undefined;
  let began = 0;
  let current: Disposable;
  go();
  return {
    get down() {
      return down;
    },
    [Symbol.dispose]: () => current[Symbol.dispose](),
  };

  function go(): void {
    began = clock.now();
    down = undefined;
    current = start(ended);
  }

  function ended(reason: string): void {
    if (clock.now() - began >= lasting) failures = 0;
    failures += 1;
    down = reason;
    current[Symbol.dispose]();
    if (failures === trouble) warn(reason);
    current = clock.after(Math.min(rarest, first * 2 ** (failures - 1)), go);
  }
}
