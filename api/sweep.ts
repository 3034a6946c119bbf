/** Forgets what no longer has to be remembered: links that were used and sessions that were ended, once too old anyway. */
import type { Store } from './couchdb/store.ts';

const hour = 3600_000;

/** How many were removed. What another node has removed at the same time does no harm. */
export async function sweep(store: Store, now = Date.now() / 1000): Promise<number> {
  let count = 0;
  for (const prefix of ['used:', 'ended:']) {
    for (const { _id, _rev, until } of await store.range(store.database, prefix, 10_000)) {
      if (Number(until) < now && (await store.remove(store.database, _id, _rev!))) count++;
    }
  }
  return count;
}

/** All nodes do it, at times that differ. */
export function startSweeping(store: Store): { stop(): void } {
  let timer: NodeJS.Timeout;
  const plan = () => {
    timer = setTimeout(
      () =>
        void sweep(store)
          .catch(() => {})
          .finally(plan),
      hour * (0.5 + Math.random()),
    );
    timer.unref();
  };
  plan();
  return { stop: () => clearTimeout(timer) };
}
