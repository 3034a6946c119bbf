/** A saved plan: what a dry run has shown, with what tells later whether it still holds. */
import type { ChunkResult, Verdict } from './event.ts';

/** The layout of the file; a plan of another one is refused. */
export const planFormat = 1;

export interface Plan {
  readonly converge: string;
  readonly format: typeof planFormat;
  /** ISO 8601. */
  readonly made: string;
  /** The id of the node it was made on, and for. */
  readonly node: string;
  readonly undertaking: PlannedRun;
  /** Options that say what is converged, as absolute paths. */
  readonly options: { readonly [option: string]: string | readonly string[] };
  readonly inputs: Inputs;
  /** What is not as it should be. The rest has to be as it should be then, too. */
  readonly states: readonly PlannedState[];
}

export type PlannedRun =
  | { readonly verb: 'highstate' }
  | { readonly verb: 'apply'; readonly sls: readonly string[] }
  | {
      readonly verb: 'single';
      readonly fun: string;
      readonly args: readonly (readonly [string, string])[];
    };

/** Fingerprints, keyed by the node: they say nothing about what they stand for. */
export interface Inputs {
  readonly tree: string;
  readonly pillar: Fingerprints;
  readonly grains: Fingerprints;
}

/** Key → fingerprint of its value. */
export interface Fingerprints {
  readonly [key: string]: string;
}

export interface PlannedState extends Pick<ChunkResult, 'id' | 'sls' | 'state' | 'fun' | 'name' | 'comment'> {
  readonly verdict: Verdict;
  /** For people; secrets are masked. */
  readonly changes: ChunkResult['changes'];
  /** Of all it is about to change, secrets included. */
  readonly fingerprint: string;
}

/** Says in sentences where two plans differ; empty: they come to the same. */
export function staleness(then: Plan, now: Plan): string[] {
  if (then.node !== now.node) return [`It was made on the node "${then.node}", and this is "${now.node}".`];
  const causes = [
    ...(then.inputs.tree === now.inputs.tree ? [] : ['The states of the tree are others than then.']),
    ...keysThatDiffer('pillar', then.inputs.pillar, now.inputs.pillar),
    ...keysThatDiffer('grains', then.inputs.grains, now.inputs.grains),
  ];
  return [...causes, ...statesThatDiffer(then.states, now.states)];
}

function keysThatDiffer(what: 'pillar' | 'grains', then: Fingerprints, now: Fingerprints): string[] {
  const keys = [...new Set([...Object.keys(then), ...Object.keys(now)])].filter(
    (key) => then[key] !== now[key],
  );
  if (keys.length === 0) return [];
  const names = keys.map((key) => `"${key}"`).join(', ');
  return [`${what === 'pillar' ? 'The pillar is another' : 'Grains are others'} than then: ${names}.`];
}

function statesThatDiffer(then: readonly PlannedState[], now: readonly PlannedState[]): string[] {
  const planned = new Map(then.map((one) => [keyOf(one), one]));
  const found = new Map(now.map((one) => [keyOf(one), one]));
  const differing = [...planned].flatMap(([key, one]) => {
    const other = found.get(key);
    if (!other) return [`${titleOf(one)} was ${words[one.verdict]}, and now there is nothing to do.`];
    if (other.verdict === one.verdict && other.fingerprint === one.fingerprint) return [];
    if (other.verdict === one.verdict) return [`${titleOf(one)} would now change something else.`];
    return [`${titleOf(one)} was ${words[one.verdict]}, and is now ${words[other.verdict]}.`];
  });
  const further = now
    .filter((one) => !planned.has(keyOf(one)))
    .map((one) => `${titleOf(one)} had nothing to do, and is now ${words[one.verdict]}.`);
  return [...differing, ...further];
}

const words: { readonly [verdict in Verdict]: string } = {
  unchanged: 'as it should be',
  changed: 'about to change',
  'would-change': 'about to change',
  unknown: 'unknown until applied',
  failed: 'about to fail',
  skipped: 'skipped',
};

function keyOf({ state, fun, id, name, sls }: PlannedState): string {
  return JSON.stringify([state, fun, id, name, sls]);
}

function titleOf({ state, fun, name }: PlannedState): string {
  return `${state}.${fun} ${JSON.stringify(name)}`;
}
