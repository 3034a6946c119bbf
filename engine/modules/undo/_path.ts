/** Puts back what lay at a path before a run. It is no state of trees: `rollback` and `restore` are made of it. */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Effect, Reader, Stat } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Change, type Common, defineState, type Plan, type Step } from '../../core/state.ts';
import { withRecords } from './_records.ts';

const properties = {
  path: { type: 'string', description: 'Where it lay; `name` is how that is shown.' },
  kind: {
    type: 'string',
    enum: ['absent', 'file', 'directory', 'link', 'fifo', 'socket', 'block', 'char'],
    description: 'What it was.',
  },
  mode: { type: 'integer', description: 'Its permissions.' },
  uid: { type: 'integer', description: 'Its owner.' },
  gid: { type: 'integer', description: 'Its group.' },
  mtime: { type: 'integer', description: 'When it was changed, in milliseconds since the epoch.' },
  target: { type: 'string', description: 'Where a link pointed.' },
  major: { type: 'integer', description: 'Major number of a device.' },
  minor: { type: 'integer', description: 'Minor number of a device.' },
  object: { type: 'string', description: 'File with its bytes.' },
  hash: { type: 'string', description: 'SHA-256 of its bytes.' },
  attributes: { type: 'boolean', default: false, description: 'Only owner, mode and time are put back.' },
  records: {
    type: 'array',
    items: { type: 'string' },
    description: 'Only the lines that begin with these keys are put back.',
  },
  texts: { type: 'boolean', default: false, description: 'Whether what differs may be shown.' },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'path' | 'kind'> & Common;

interface Now {
  readonly stat?: Stat;
  readonly target?: string;
  readonly content?: Buffer;
  /** Of a directory: what is in it. */
  readonly entries: readonly string[];
  /** The bytes it is to have. */
  readonly wanted?: Buffer;
  /** Why they cannot be had. */
  readonly trouble?: string;
}

export const pathBack = defineState({
  summary: 'what was at a path before a run is there again',
  properties,
  required: ['path', 'kind'],
  examples: [],
  read,
  plan,
});

function read(args: Arguments, reader: Reader): Now {
  const { path, kind, attributes } = args;
  const stat = reader.stat(path);
  const content = stat?.kind === 'file' && !attributes && kind === 'file' ? reader.content(path) : undefined;
  const target = stat?.kind === 'link' ? reader.link(path) : undefined;
  return {
    entries: (stat?.kind === 'directory' && reader.list(path)) || [],
    ...(stat && { stat }),
    ...(target !== undefined && { target }),
    ...(content && { content }),
    ...(kind === 'file' && !attributes ? wantedOf(args, content, reader) : {}),
  };
}

function wantedOf(
  { object, hash, records }: Arguments,
  content: Buffer | undefined,
  reader: Reader,
): Pick<Now, 'wanted' | 'trouble'> {
  const bytes = object === undefined ? undefined : reader.content(object);
  if (bytes === undefined) return { trouble: 'its copy is no longer kept' };
  if (createHash('sha256').update(bytes).digest('hex') !== hash) return { trouble: 'its copy is damaged' };
  return { wanted: records && content ? withRecords(content, bytes, records) : bytes };
}

function plan(args: Arguments, now: Now): Plan {
  const { path, kind } = args;
  const { stat, trouble } = now;
  if (trouble !== undefined) return { refused: `It cannot be put back: ${trouble}.`, certain: true };
  if (kind === 'absent') return removal(path, now);
  if (args.attributes) {
    if (stat?.kind === kind) return attributeSteps(args, stat);
    return { steps: [], warnings: [`${args.name} is left alone: it is no ${kind} any more.`] };
  }
  if (stat?.kind === 'directory' && kind !== 'directory' && now.entries.length > 0) {
    return {
      refused: `It cannot be put back: a directory is there that holds ${some(now.entries)}.`,
      hint: 'Move it away and try again.',
    };
  }
  if (stat && stat.kind !== kind && (stat.kind === 'directory' || kind === 'directory')) {
    const { stat: _, ...rest } = now;
    return [removeStep(path, stat), ...restoring(args, { ...rest, entries: [] })];
  }
  return restoring(args, now);
}

/** What others put into a directory is not ours to remove. */
function removal(path: string, { stat, entries }: Now): Plan {
  if (stat === undefined) return [];
  if (entries.length === 0) return [removeStep(path, stat)];
  return {
    steps: [],
    warnings: [`${path} stays, for it holds ${some(entries)}, which the run did not make.`],
  };
}

function removeStep(path: string, { kind }: Stat): Step {
  return { change: { subject: path, old: kind }, effect: { kind: 'remove', path } };
}

function some(entries: readonly string[]): string {
  return entries.length > 3 ? `${entries.length} entries` : entries.join(', ');
}

function restoring(args: Arguments, now: Now): Step[] {
  const { path, kind, target, uid, gid, mode, major = 0, minor = 0 } = args;
  const { stat } = now;
  const owned = { ...(uid === undefined ? {} : { user: uid }), ...(gid === undefined ? {} : { group: gid }) };
  const modes = mode === undefined ? {} : { mode };
  const made = (effect: Effect): Step => ({ change: { subject: path, old: stat?.kind, new: kind }, effect });
  switch (kind) {
    case 'directory':
      if (stat) return attributeSteps(args, stat);
      return [made({ kind, path, ...owned, ...modes })];
    case 'link': {
      const isThere = stat?.kind === 'link' && now.target === target && stat.uid === uid && stat.gid === gid;
      if (isThere) return [];
      const change = { subject: 'target', old: now.target ?? stat?.kind, new: target };
      return [{ change, effect: { kind, path, target: target ?? '', ...owned } }];
    }
    case 'file': {
      if (stat?.kind === kind && now.content?.equals(now.wanted!)) return attributeSteps(args, stat);
      const write = { kind: 'write', path, content: now.wanted!, ...owned, ...modes } as const;
      const also = stat?.kind === kind ? attributeChanges(args, stat) : [];
      const step: Step = { change: contentChange(args, now), also, effect: write };
      return args.records ? [step] : [step, ...timeSteps(args)];
    }
    case 'fifo':
    case 'block':
    case 'char': {
      const device = kind === 'fifo' ? undefined : stat?.device;
      const isThere = stat?.kind === kind && (device?.major ?? 0) === major && (device?.minor ?? 0) === minor;
      if (isThere) return attributeSteps(args, stat);
      return [made({ kind: 'node', type: kind, path, major, minor, ...owned, ...modes })];
    }
    default:
      return [];
  }
}

function contentChange({ texts }: Arguments, { content, wanted }: Now): Change {
  const isText = texts && isShort(wanted!) && (content === undefined || isShort(content));
  return isText
    ? { subject: 'content', old: content?.toString(), new: wanted!.toString(), text: true }
    : {
        subject: 'content',
        old: content && `${content.length} bytes`,
        new: `${wanted!.length} bytes as before`,
      };
}

/** A text that somebody might read through. */
function isShort(bytes: Buffer): boolean {
  return bytes.length < 1 << 18 && isUtf8(bytes);
}

function attributeSteps(args: Arguments, stat: Stat): Step[] {
  const { path, uid, gid, mode } = args;
  const [change, ...also] = attributeChanges(args, stat);
  const late = args.records ? [] : isLate(args, stat) ? timeSteps(args) : [];
  if (!change) return late;
  const effect = { kind: 'attributes', path, user: uid, group: gid, mode } as const;
  return [{ change, also, effect }, ...late];
}

function attributeChanges({ uid, gid, mode }: Arguments, stat: Stat): Change[] {
  const octal = (bits: number) => bits.toString(8).padStart(4, '0');
  return [
    ...(uid === undefined || uid === stat.uid ? [] : [{ subject: 'user', old: stat.uid, new: uid }]),
    ...(gid === undefined || gid === stat.gid ? [] : [{ subject: 'group', old: stat.gid, new: gid }]),
    ...(mode === undefined || mode === stat.mode || stat.kind === 'link'
      ? []
      : [{ subject: 'mode', old: octal(stat.mode), new: octal(mode) }]),
  ];
}

/** A time is put back as a fraction of seconds, which may be off by a little. */
function isLate({ kind, mtime }: Arguments, stat: Stat): boolean {
  return kind === 'file' && mtime !== undefined && Math.abs(stat.mtime - mtime) >= 2;
}

function timeSteps({ path, mtime }: Arguments): Step[] {
  if (mtime === undefined) return [];
  const time = new Date(mtime).toISOString();
  return [{ change: { subject: 'mtime', new: time }, effect: { kind: 'attributes', path, mtime } }];
}
