/** A beacon that cannot be on: it has said why, and does nothing. */
import type { Beacon, Means } from './beacon.ts';

export function off(means: Means, reason: string): Beacon {
  means.warn(reason);
  return { tell: () => `off: ${reason}`, [Symbol.dispose]: () => undefined };
}
