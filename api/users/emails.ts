/** Who has which e-mail address: a document for each, so that two nodes cannot give the same to two users. */
import type { Store } from '../couchdb/store.ts';
import { digest } from '../tokens.ts';
import { userIn } from './documents.ts';

/** A registration that has claimed an address and got no further is forgotten after so many milliseconds. */
const patience = 60_000;

/** Letters of any case are the same. */
export function canonical(email: string): string {
  return email.toLowerCase();
}

/** The address itself is with the user only. */
function idOf(email: string): string {
  return `email:${digest(canonical(email))}`;
}

/** Who has it, if somebody does. */
export async function ownerOf(store: Store, email: string): Promise<string | undefined> {
  const known = await store.read(store.database, idOf(email));
  if (known === undefined) return undefined;
  const user = await userIn(store, String(known['user']));
  const has = user !== undefined && canonical(user.email) === canonical(email);
  return has || Date.now() - Number(known['at']) < patience ? String(known['user']) : undefined;
}

/** Whether it is theirs now. With the same `claim` as before it is. */
export async function claimEmail(
  store: Store,
  email: string,
  { user, claim }: { readonly user: string; readonly claim: string },
): Promise<boolean> {
  const wanted = { _id: idOf(email), user, claim, at: Date.now() };
  const { held, doc } = await store.claim(store.database, wanted);
  if (held) return true;
  const owner = await ownerOf(store, email);
  if (owner === user) return true;
  if (owner !== undefined) return false;
  // Left behind by an account that is no more, or never came to be.
  return store.replace(store.database, { ...wanted, _rev: doc._rev });
}

/** Only what is as told: somebody else may have it by now. */
export async function releaseEmail(
  store: Store,
  email: string,
  [key, value]: readonly ['user' | 'claim', string],
): Promise<void> {
  const known = await store.read(store.database, idOf(email));
  if (known?.[key] === value) await store.remove(store.database, known._id, known._rev!);
}
