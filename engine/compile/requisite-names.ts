/** The names of requisites and of the arguments that belong to the engine, not to a state. */
import { requisiteKinds } from '../core/chunk.ts';

const kinds: ReadonlySet<string> = new Set([...requisiteKinds, 'listen']);

/** Requisites that are written on the other side: the rest of the word names what they become there. */
const inForms: ReadonlyMap<string, string> = new Map([
  ['require_in', 'require'],
  ['watch_in', 'watch'],
  ['onchanges_in', 'onchanges'],
  ['onfail_in', 'onfail'],
  ['prereq_in', 'prereq'],
  ['listen_in', 'listen'],
]);

/** Arguments that every state accepts, because the engine itself acts on them. */
const engineArguments: ReadonlySet<string> = new Set([
  'name',
  'names',
  'state',
  'fun',
  'order',
  'failhard',
  'onlyif',
  'unless',
  'creates',
  'check_cmd',
  'retry',
  'reload_modules',
  'reload_grains',
  'reload_pillar',
  'parallel',
  'aggregate',
  'fire_event',
  'test',
  'saltenv',
  '__env__',
  'prerequired',
  'use',
  'use_in',
  'provider',
]);

/** What `require_in` and its like become on the other side. */
export function inverse(key: string): string | undefined {
  return inForms.get(key);
}

/**
 * Salt appends to these when a declaration is extended, and replaces everything else.
 *
 * Unlike Salt: an extend appends to `require_in` and its like too, where Salt replaces them.
 */
export function isRequisiteList(key: string): boolean {
  return kinds.has(key) || inForms.has(key) || key === 'use' || key === 'use_in';
}

export function isEngineArgument(key: string): boolean {
  return kinds.has(key) || inForms.has(key) || engineArguments.has(key);
}

export function engineArgumentNames(): readonly string[] {
  return [...kinds, ...inForms.keys(), ...engineArguments];
}
