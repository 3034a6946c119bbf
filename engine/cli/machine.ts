/** What beacons have of this machine, and the time. */
import type { Clock } from '../core/watch.ts';
import { follow } from '../host/follow.ts';
import { createLocalHost } from '../host/local.ts';
import { unitSignals } from '../host/unit-signals.ts';
import type { Machine } from '../watch/beacon.ts';

/** `changedServices` may reject: then nothing is known, and `onTrouble` is told. */
export function createMachine(
  changedServices: () => Promise<readonly string[]>,
  onTrouble: (error: unknown) => void,
): Machine {
  const host = createLocalHost({});
  return {
    follow,
    unitSignals,
    run: host.probe,
    reach: host.reach,
    content(path) {
      try {
        return host.content(path);
      } catch {
        return undefined;
      }
    },
    async changedServices() {
      try {
        return await changedServices();
      } catch (error) {
        onTrouble(error);
        return [];
      }
    },
  };
}

/** The longest that Node waits. */
const longest = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after(milliseconds, work) {
    // At once, but behind everything that has come already: a timer would wait for a millisecond.
    if (milliseconds <= 0) {
      const immediate = setImmediate(work);
      return { [Symbol.dispose]: () => clearImmediate(immediate) };
    }
    const timer = setTimeout(work, Math.min(milliseconds, longest));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
