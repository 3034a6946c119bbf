/** Whether a certificate is to be ordered, and since when it is. */
import type { Reader } from '../../core/host.ts';
import { type Chain, isStaged } from './_chain.ts';
import type { Held } from './_held.ts';
import { instantIn, isTimeToAsk, renewalAt } from './_renewal.ts';
import { renewalId, windowOf } from './_renewal-info.ts';

/** Without `since`: nobody knows since when. */
export type Due = { readonly is: false } | { readonly is: true; readonly since?: number };

export interface DueArguments {
  readonly directory?: string;
  readonly staging: boolean;
  readonly renew_at: number;
}

/** Of those that others trust. */
export function presentOf({ fit }: Held): Chain | undefined {
  return fit?.isSelfSigned ? undefined : fit;
}

/** What a peer has may be due itself; and what is only to start with tells since when there is none. */
export function dueWith(
  due: Due,
  found: Chain | undefined,
  chain: Chain | undefined,
  { renew_at }: DueArguments,
  at: number,
): Due {
  if (found) {
    const since = renewalAt(found, renew_at);
    return since > at ? { is: false } : { is: true, since };
  }
  return due.is && chain?.isSelfSigned ? { is: true, since: chain.from } : due;
}

/** A certificate of the staging environment is as good as any other. */
export function isLenient({ staging, directory }: DueArguments): boolean {
  return staging || directory !== undefined;
}

export async function dueOf(args: DueArguments, held: Held, directory: string, reader: Reader): Promise<Due> {
  const { at, note } = held;
  const present = presentOf(held);
  if (present === undefined || (isStaged(present) && !isLenient(args))) return { is: true };
  const since = renewalAt(present, args.renew_at);
  if (at >= since) return { is: true, since };
  const id = renewalId(present.leaf);
  // What it has wished for and not got yet, it is asked about at each run.
  const isPending = note.failures !== undefined || note.since !== undefined;
  const asks = isPending || isTimeToAsk(present, String(reader.grain('id') ?? ''), at);
  if (id === undefined || !asks) return { is: false };
  const window = await windowOf(directory, id, reader);
  if (window === undefined) return { is: false };
  const instant = instantIn(window, id);
  if (at < instant) return { is: false };
  // All of it has passed: it is urgent, and for all nodes at once.
  return window.until < at ? { is: true } : { is: true, since: instant };
}
