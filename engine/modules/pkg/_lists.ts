/** Package lists that are fresh enough to tell what is the newest version. */
import type { Reader } from '../../core/host.ts';
import { explain, refresh } from './_apt.ts';
import { database, type RefreshArguments } from './_look.ts';

/** Runs whose lists were fetched for looking at them. */
const looked = new WeakSet<Reader>();

/** Fetches them where necessary, at most once in a run. Returns why that failed. */
export async function freshLists(args: RefreshArguments, reader: Reader): Promise<string | undefined> {
  const { age, refreshed, rooted } = database(new Map(), reader);
  const fresh = args.cache_valid_time !== undefined && age !== undefined && age <= args.cache_valid_time;
  if (args.refresh === false || refreshed || rooted || fresh || looked.has(reader)) return undefined;
  const outcome = await reader.probe(refresh);
  if (outcome.status !== 0) return `The package lists could not be fetched. ${explain(outcome)}`;
  looked.add(reader);
  return undefined;
}
