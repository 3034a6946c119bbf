/** The table as nft lists it, without what comes and goes by itself: so that two listings can be compared. */
import { createHash } from 'node:crypto';
import type { Command, Outcome, Settled } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { table } from './_text.ts';

export interface Listing {
  /** Of nft: each version has words of its own for some things. */
  readonly version: string;
  /** `chain input` with its rules, `set name`, `table`… → JSON of all that is to be compared. */
  readonly objects: ReadonlyMap<string, string>;
  /** `set name` → JSON of its elements, sorted; not those that expire. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
}

/** Sets and meters may be long: all of it is wanted. */
const bytes = 1 << 28;

export const listCommand: Command = { argv: ['nft', '-j', 'list', 'table', ...table.split(' ')], bytes };

/** As text: for people, and to put it back. Without counters and what expires when. */
export const textCommand: Command = { argv: ['nft', '-s', 'list', 'table', ...table.split(' ')], bytes };

export function printed({ bytes: all, stdout }: Outcome): string {
  return all?.toString() ?? stdout;
}

/** Undefined: there is no such table. */
export function listingOf(outcome: Outcome): Listing | Refusal | undefined {
  const { status, stderr } = outcome;
  const stdout = printed(outcome);
  if (status === 0) return stdout.trim() === '' ? undefined : parsed(stdout);
  if (/No such file or directory/.test(stderr) && status !== 127) return undefined;
  if (status === 127) {
    return {
      refused: 'The firewall cannot be seen: there is no nft here.',
      hint: 'Install the package nftables, by a state that this one requires.',
    };
  }
  if (/not permitted/.test(stderr)) {
    return { refused: 'The firewall can only be seen and changed by root.', hint: 'Run converge as root.' };
  }
  return { refused: `nft cannot list the firewall: ${stderr.trim() || `exit status ${status}`}.` };
}

export function settleListing(stdout: string): Settled {
  return { about: 'answer', command: listCommand, stdout };
}

export function digestOf({ objects, elements }: Listing): string {
  const all = [objects, elements].map((map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

interface Entry {
  readonly [key: string]: unknown;
}

function parsed(json: string): Listing | Refusal | undefined {
  let entries: Entry[];
  try {
    entries = (JSON.parse(json) as { nftables: Entry[] }).nftables;
  } catch {
    return { refused: 'nft lists the firewall in a way that cannot be read.' };
  }
  let version = '';
  const definitions = new Map<string, unknown[]>();
  const elements = new Map<string, string[]>();
  for (const entry of entries) {
    const [kind, value] = Object.entries(entry)[0] as [string, Entry];
    if (kind === 'metainfo') version = String(value['version']);
    else if (kind === 'rule') definitions.get(`chain ${value['chain']}`)?.push(lasting(value));
    else {
      const name = kind === 'table' ? kind : `${kind} ${value['name']}`;
      const { elem, ...rest } = value as { elem?: unknown[] };
      const inSet = kind === 'set' && elem !== undefined;
      definitions.set(name, [lasting(inSet ? rest : value)]);
      if (kind === 'set')
        elements.set(
          name,
          (elem ?? [])
            .filter(stays)
            .map((one) => JSON.stringify(lasting(one)))
            .sort(),
        );
    }
  }
  if (definitions.size === 0) return undefined;
  const objects = new Map([...definitions].map(([name, all]) => [name, JSON.stringify(all)]));
  return { version, objects, elements };
}

/** What nft counts, and numbers it gives. */
const fleeting = new Set(['handle', 'packets', 'bytes', 'expires', 'used']);

/** A set within a rule has no order. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (fleeting.has(key)) continue;
    const made = lasting(inner);
    kept[key] =
      key === 'set' && Array.isArray(made)
        ? made
            .map((one) => [JSON.stringify(one), one] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([, one]) => one)
        : made;
  }
  return kept;
}

/** Elements that packets add (meters) or that are there for a time are nobody's description. */
function stays(element: unknown): boolean {
  const inner = (element as { elem?: Entry }).elem;
  return inner === undefined || inner['expires'] === undefined;
}

/** An element as nft takes it in a command; undefined for kinds that are none of ours. */
export function elementText(json: string): string | undefined {
  return written(JSON.parse(json));
}

function written(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { prefix, range, elem } = value as {
    prefix?: { addr: string; len: number };
    range?: unknown[];
    elem?: { val: unknown };
  };
  if (prefix) return `${prefix.addr}/${prefix.len}`;
  if (range) return range.map(written).join('-');
  return elem && written(elem.val);
}
