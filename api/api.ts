/** The parts behind `/api`, put together. Nothing in them would be missed on another node. */
import { Cluster } from './couchdb/cluster.ts';
import { Store } from './couchdb/store.ts';
import { Limits } from './limits.ts';
import { MailQueue } from './mail/queue.ts';
import { Guard } from './sessions/guard.ts';
import { Sessions } from './sessions/sessions.ts';
import type { Backing } from './settings.ts';
import { startSweeping } from './sweep.ts';
import { Tokens } from './tokens.ts';
import { Accounts } from './users/accounts.ts';

export interface Api {
  /** Name of this node. */
  readonly node: string;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly limits: Limits;
  readonly store: Store;
  readonly mails: MailQueue;
  /** Done after the answer; `close` waits for it. */
  readonly later: (work: () => Promise<void>) => void;
  readonly close: () => Promise<void>;
}

export function startApi(
  backing: Backing,
  { node, log }: { readonly node: string; readonly log: (what: string, details: object) => void },
): Api {
  const { url, secret } = backing;
  const cluster = new Cluster(backing.couchdb);
  const store = new Store(cluster, backing.couchdb);
  const mails = new MailQueue({ settings: backing.mail, url, log });
  const sessions = new Sessions(store, secret);
  const accounts = new Accounts({ store, tokens: new Tokens(secret), send: (mail) => mails.add(mail) });
  const sweeping = startSweeping(store);
  const atWork = new Set<Promise<void>>();
  return {
    node,
    accounts,
    sessions,
    guard: new Guard(sessions, url.startsWith('https:')),
    limits: new Limits(backing.limits),
    store,
    mails,
    later(work) {
      const done = work()
        .catch((error: Error) => log('What was to be done later failed', { reason: error.message }))
        .finally(() => atWork.delete(done));
      atWork.add(done);
    },
    async close() {
      sweeping.stop();
      await Promise.all(atWork);
      await mails.close();
      await cluster.close();
    },
  };
}
