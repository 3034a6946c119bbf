/** Uuids, the demo workload: made by a db node, and kept in the database of who asked, with the nodes that served. */
import type { Reply } from '../couchdb/member.ts';
import { pathOf, type Store, Unexpected } from '../couchdb/store.ts';
import { Problem } from '../problems.ts';
import { databaseOf, design, prepareDatabase } from '../users/documents.ts';
import type { Session } from './sessions.ts';

export interface Fetched {
  readonly uuids: readonly string[];
  readonly app: string;
  readonly db: string;
}

export interface Stats {
  readonly uuids: number;
  readonly requests: number;
  readonly app: { readonly [name: string]: number };
  readonly db: { readonly [name: string]: number };
  readonly pairs: readonly {
    readonly app: string;
    readonly db: string;
    readonly uuids: number;
    readonly requests: number;
  }[];
}

/** As the user, not as the API: CouchDB sees to it that nobody gets at what is another's. */
function headersOf({ cookies }: Session): { [name: string]: string } {
  return { Cookie: `AuthSession=${cookies.auth}`, 'Content-Type': 'application/json' };
}

export async function fetchUuids(
  store: Store,
  session: Session,
  { count, app }: { readonly count: number; readonly app: string },
): Promise<Fetched> {
  const made = await store.cluster.ask({ method: 'GET', path: `/_uuids?count=${count}` });
  if (made.status !== 200) throw new Unexpected('uuids', made);
  const { uuids } = made.body as { uuids: string[] };
  const fetched = { uuids, app, db: made.db };
  // The first one is the ID: where another node is asked again it is still written once.
  const path = pathOf(databaseOf(session.name), uuids[0]!);
  const body = JSON.stringify({ ...fetched, at: new Date().toISOString() });
  const kept = await prepared(store, session, () =>
    store.cluster.ask({ method: 'PUT', path, headers: headersOf(session), body }),
  );
  if (![201, 202, 409].includes(kept.status)) throw refusal('keeping uuids', kept);
  return fetched;
}

export async function countUuids(store: Store, session: Session): Promise<Stats> {
  const path = `/${databaseOf(session.name)}/${design._id}/_view/by_node?group=true`;
  const reply = await prepared(store, session, () =>
    store.cluster.ask({ method: 'GET', path, headers: headersOf(session) }),
  );
  if (reply.status !== 200) throw refusal('counting uuids', reply);
  const { rows } = reply.body as { rows: { key: [string, string]; value: { sum: number; count: number } }[] };
  const pairs = rows.map(({ key: [app, db], value }) => ({
    app,
    db,
    uuids: value.sum,
    requests: value.count,
  }));
  const total = (part: 'uuids' | 'requests') => pairs.reduce((sum, pair) => sum + pair[part], 0);
  const by = (part: 'app' | 'db') => {
    const sums = new Map<string, number>();
    for (const pair of pairs) sums.set(pair[part], (sums.get(pair[part]) ?? 0) + pair.uuids);
    return Object.fromEntries(sums);
  };
  return { uuids: total('uuids'), requests: total('requests'), app: by('app'), db: by('db'), pairs };
}

/** The database or its design document may not be there yet. */
async function prepared(store: Store, { name }: Session, ask: () => Promise<Reply>): Promise<Reply> {
  const reply = await ask();
  if (reply.status !== 404) return reply;
  await prepareDatabase(store, name);
  return ask();
}

function refusal(what: string, reply: Reply): Error {
  return reply.status === 401 ? new Problem('session') : new Unexpected(what, reply);
}
