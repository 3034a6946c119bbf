/** What this node has of a certificate: key, files, copies, and what is known of earlier orders. */
import { createHash } from 'node:crypto';
import { type AcmeNote, acmeNoteOf } from '../../core/acme.ts';
import type { Reader } from '../../core/host.ts';
import { type ProcessId, processIdOf } from '../../core/process-id.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { type Kept, keptFor, namesOf } from './_arguments.ts';
import { type Chain, chainOf, fits } from './_chain.ts';
import {
  type FileArguments,
  folderSteps,
  foldersAbove,
  inService,
  type Output,
  outputSteps,
  outputsOf,
  ownText,
} from './_files.ts';
import { digestOf, type Key, type KeySource, keyOf } from './_key.ts';
import { selfSigned } from './_self-signed.ts';

export interface HeldArguments extends FileArguments, KeySource {
  readonly domains: string | readonly string[];
  readonly folder: string;
}

export interface Held {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly names: readonly string[];
  readonly key: Key;
  readonly kept: Kept;
  /** The copy as it is. */
  readonly copy?: Chain;
  readonly outputs: readonly Output[];
  /** What is in the files, of which certificate and key belong together. */
  readonly serving?: Chain;
  /** The best that is for our names and key; perhaps self-signed. */
  readonly fit?: Chain;
  /** Of orders of just this. */
  readonly note: AcmeNote;
  /** Another run orders just this now: the number of its process. */
  readonly orderedBy?: number;
  readonly folders: { readonly files: readonly string[]; readonly own: readonly string[] };
}

/** Milliseconds after which nobody knows any more what a note was about. */
const day = 86_400_000;

/** `circumstances`: what else makes an earlier order one of something else. */
export async function lookAtHeld(
  args: HeldArguments,
  circumstances: readonly unknown[],
  reader: Reader,
): Promise<Held | Refusal> {
  const names = namesOf(args.domains);
  if ('refused' in names) return names;
  const kept = keptFor(args.name, args.folder);
  const key = await keyOf(
    args,
    [kept.key, args.key_file ?? args.name].map((path) => ownText(path, reader)),
  );
  if ('refused' in key) return key;
  const outputs = outputsOf(args, key.pem, reader);
  if ('refused' in outputs) return outputs;
  const at = Date.now();
  const known = acmeNoteOf(ownText(kept.note, reader));
  const target = createHash('sha256')
    .update(JSON.stringify([names, digestOf(key), ...circumstances]))
    .digest('hex')
    .slice(0, 16);
  const isRecent = Math.max(known?.since ?? 0, known?.next ?? 0) > at - day || known?.foretold === true;
  // What was put back is so whatever it had been ordered for.
  const counts = isRecent && (known?.target === target || known?.rejected !== undefined);
  const note = known && counts ? { ...known, target } : { target };
  const serving = inService(outputs);
  const copy = chainOf(ownText(kept.chain, reader));
  const isRejected = (chain: Chain) => note.rejected === chain.fingerprint && (note.next ?? 0) > at;
  const candidates = [serving, copy].filter(
    (chain): chain is Chain => chain !== undefined && fits(chain, names, key.object) && !isRejected(chain),
  );
  const fit = candidates.sort(
    (one, other) => Number(one.isSelfSigned) - Number(other.isSelfSigned) || other.until - one.until,
  )[0];
  return {
    at,
    names,
    key,
    kept,
    ...(copy ? { copy } : {}),
    outputs,
    ...(serving ? { serving } : {}),
    ...(fit ? { fit } : {}),
    note,
    ...(isAlive(note.by, reader) ? { orderedBy: note.by.pid } : {}),
    folders: {
      files: args.makedirs ? outputs.flatMap(({ path }) => foldersAbove(path, reader)) : [],
      own: foldersAbove(kept.note, reader),
    },
  };
}

function isAlive(by: ProcessId | undefined, reader: Reader): by is ProcessId {
  if (by === undefined) return false;
  const stat = reader.content(`/proc/${by.pid}/stat`)?.toString('latin1') ?? '';
  return processIdOf(by.pid, stat)?.started === by.started;
}

const made = new Map<string, Chain>();

/** With which a server starts, until there is something better. Within a process always the same one. */
export function placeholder({ key, names, at }: Held): Chain {
  const id = JSON.stringify([digestOf(key), names]);
  const chain = made.get(id) ?? chainOf(selfSigned(key.object, names, at))!;
  made.set(id, chain);
  return chain;
}

/** Puts the chain into the files; without one they stay as they are, for they are of some use. */
export function heldSteps(held: Held, chain: Chain | undefined): Step[] {
  const { names, key, kept, copy, serving, outputs } = held;
  const steps: Step[] = [];
  if (key.isNew) {
    steps.push({
      change: { subject: kept.key, new: 'a key of this node' },
      effect: { kind: 'write', path: kept.key, content: Buffer.from(key.pem), mode: 0o600 },
    });
  }
  // One that was put back does not take the place of the one that is to be tried again.
  const isOlder = copy !== undefined && fits(copy, names, key.object) && copy.until >= (chain?.until ?? 0);
  if (chain && !chain.isSelfSigned && !isOlder) {
    steps.push({
      change: { subject: kept.chain, new: 'a copy of the certificate' },
      effect: {
        kind: 'write',
        path: kept.chain,
        content: Buffer.from(chain.pems.map((pem) => `${pem}\n`).join('')),
        mode: 0o600,
      },
    });
  }
  const writes = outputSteps(outputs, chain);
  const previous = previousOf(held);
  const replaces = chain && serving && serving.fingerprint !== chain.fingerprint && previous;
  return replaces ? [...steps, { effect: previous }, ...writes] : [...steps, ...writes];
}

/** Keeps the file as it is, where it is worth it. */
export function previousOf({ serving, outputs, kept }: Held) {
  const main = outputs.find(({ certificates }) => certificates === 'all');
  if (serving === undefined || serving.isSelfSigned || main?.content === undefined) return undefined;
  return { kind: 'write', path: kept.previous, content: main.content, mode: 0o600 } as const;
}

/** Before the first of them, the folders that they need. */
export function withFolders({ folders, kept }: Held, steps: readonly Step[]): Step[] {
  if (steps.length === 0) return [];
  const own: readonly string[] = [kept.key, kept.chain, kept.note];
  const needsOwn = steps.some(
    ({ effect }) => effect.kind === 'acme' || (effect.kind === 'write' && own.includes(effect.path)),
  );
  const missing = folders.own.filter((path) => !folders.files.includes(path));
  return [...folderSteps(folders.files, 0o755), ...folderSteps(needsOwn ? missing : [], 0o700), ...steps];
}

export function noteWrite(path: string, note: AcmeNote) {
  return { kind: 'write', path, content: Buffer.from(`${JSON.stringify(note)}\n`), mode: 0o600 } as const;
}
