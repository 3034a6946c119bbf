/** The compiler: SLS files in, the order of the run out, in passes that each collect all their errors. */
import type { Chunk, Runnable, RunOrder } from '../core/chunk.ts';
import type { Code } from '../core/codes.ts';
import type { Confirmation } from '../core/confirm.ts';
import { type Diagnostic, didYouMean, Trouble } from '../core/diagnostic.ts';
import { type High, originIn } from '../core/high.ts';
import type { Sls } from '../core/sls.ts';
import type { AnyState } from '../core/state.ts';
import { argumentsOf } from './arguments.ts';
import { conditionsOf, flagOf, retryOf, shellOf } from './conditions.ts';
import { exclude } from './exclude.ts';
import { lower } from './lower.ts';
import { merge } from './merge.ts';
import { runOrder } from './order.ts';
import { resolveRequisites } from './requisites.ts';
import { spread } from './spread.ts';

export interface LowState {
  readonly high: High;
  readonly chunks: Chunk[];
  /** What all `confirm` sections come to. */
  readonly confirm?: Confirmation;
}

/** What may be wrong with some files only because those they are used with are not there. */
const elsewhere: readonly Code[] = ['requisite-not-found', 'extend-unknown'];

/** Files come in the order Salt reads them; `partial`: others may be applied with them. Throws Trouble. */
export function lowState(files: readonly Sls[], { automaticOrder = true, partial = false } = {}): LowState {
  const { high, excludes, confirm, diagnostics } = merge(files);
  const stop = () =>
    stopOn(partial ? diagnostics.filter(({ code }) => !elsewhere.includes(code)) : diagnostics);
  stop();
  spread(high, diagnostics);
  stop();
  // Salt: excluded states still hand out their *_in requisites before they go.
  exclude(high, excludes);
  const chunks = lower(high, automaticOrder, diagnostics);
  stop();
  return { high, chunks, ...(confirm && { confirm }) };
}

export interface States {
  /** Addresses of all states there are. */
  list(): readonly string[];
  /** A definition that was loaded before. */
  get(address: string): AnyState | undefined;
}

/**
 * Checks every state and puts them into run order. Throws Trouble with all that is wrong.
 *
 * Unlike Salt: unknown states, missing and unknown arguments, requisites that name nothing and circles of requisites
 * are errors before anything is touched; Salt fails the state concerned while it runs, or ignores the mistake.
 */
export function runnables(chunks: readonly Chunk[], states: States): RunOrder {
  const diagnostics: Diagnostic[] = [];
  const all: Runnable[] = [];
  const unknown = new Set<string>();
  for (const chunk of chunks) {
    const known = states.get(`${chunk.state}.${chunk.fun}`);
    if (!known) {
      const told = unknownState(chunk, states.list());
      // A loop of a template declares it many times over in one place.
      const key = `${chunk.state}.${chunk.fun} ${JSON.stringify(told.origin?.place())}`;
      if (!unknown.has(key)) diagnostics.push(told);
      unknown.add(key);
    }
    // A state that is wrong is still there to be named by requisites, so that its error is told alone.
    const definition = known ?? absent;
    const args = (known && argumentsOf(chunk, known, diagnostics)) ?? { name: chunk.name };
    const retry = retryOf(chunk, diagnostics);
    const failhard = flagOf(chunk, 'failhard', diagnostics);
    const aggregate = flagOf(chunk, 'aggregate', diagnostics);
    all.push({
      chunk,
      definition,
      args,
      requisites: {},
      prerequired: [],
      conditions: conditionsOf(chunk, definition.ownChecks === true, diagnostics),
      shell: shellOf(chunk),
      dry: flagOf(chunk, 'test', diagnostics) === true,
      ...(failhard !== undefined && { failhard }),
      ...(retry && { retry }),
      ...(aggregate !== undefined && { aggregate }),
    });
  }
  const listenings = resolveRequisites(all, diagnostics);
  const order = runOrder(all, diagnostics);
  stopOn(diagnostics);
  for (const runnable of all) handKept(runnable);
  return { states: order, listenings };
}

/** Stands for the definition of a state that does not exist. */
const absent: AnyState = {
  summary: '',
  properties: {},
  examples: [],
  read: () => undefined,
  plan: () => [],
  react: () => [],
};

/** Salt: a state that cleans up spares what the states it requires manage. */
function handKept({ definition, args, requisites }: Runnable): void {
  if (!('__keep__' in definition.properties) || !requisites.require) return;
  Object.assign(args, { __keep__: requisites.require.map(({ chunk }) => chunk.name) });
}

function unknownState(chunk: Chunk, known: readonly string[]): Diagnostic {
  const address = `${chunk.state}.${chunk.fun}`;
  const { sls, path } = chunk.declaration;
  const functions = known.filter((one) => one.startsWith(`${chunk.state}.`));
  const meant = didYouMean(address, known);
  return {
    code: 'unknown-state',
    message: `There is no state "${address}" (ID "${chunk.id}").`,
    origin: originIn(sls, path, 'key'),
    hint: meant
      ? `Did you mean "${meant}"?`
      : functions.length > 0
        ? `The module "${chunk.state}" has: ${functions.map((one) => one.split('.')[1]).join(', ')}.`
        : 'See "converge list-states" for all states.',
  };
}

/** States that came from one declaration by `names` share its mistakes, which are told once. */
function stopOn(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  const said = new Map<string, Diagnostic>();
  for (const one of diagnostics) {
    const place = one.origin?.place();
    const key = JSON.stringify([one.code, one.message, place?.file, place?.line, place?.column]);
    if (!said.has(key)) said.set(key, one);
  }
  throw new Trouble([...said.values()]);
}
