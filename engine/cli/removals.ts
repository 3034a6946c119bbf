/** States that remove what is declared no more, made of what the memory says about it. */
import { lowState } from '../compile/compile.ts';
import type { Runnable } from '../core/chunk.ts';
import { Trouble } from '../core/diagnostic.ts';
import type { Reader } from '../core/host.ts';
import type { Properties } from '../core/schema.ts';
import type { Sls } from '../core/sls.ts';
import { type AnyState, isRefusal, type Plan, stepsOf } from '../core/state.ts';
import { fromPlain, type Value } from '../core/value.ts';
import type { Leftover, Thing } from '../journal/applied.ts';
import { isPath } from '../journal/orphans.ts';
import { listStates, loadState } from '../modules/find.ts';
import { ordered } from './compilation.ts';
import { onCommandLine } from './main.ts';

/** SLS of the report. */
const sls = 'prune';

type Author = Pick<Leftover, 'id'>;

/** Undefined where this program knows no such state, or the state does not take such arguments any more. */
export async function removalOf({ absent }: Thing, { id }: Author): Promise<Runnable | undefined> {
  if (!absent) return undefined;
  // What means something else at the top of an SLS is a name like any other here.
  const own = ['include', 'extend', 'exclude'].includes(id) ? absent.state : id;
  const source: Sls = {
    name: sls,
    file: 'what was applied last',
    isInit: false,
    value: new Map<Value, Value>([[own, new Map<Value, Value>([[absent.state, fromPlain(absent.args)]])]]),
    locate: () => onCommandLine(),
    ambiguous: () => undefined,
    trail: [],
  };
  try {
    const { states } = await ordered(lowState([source]).chunks);
    return states[0];
  } catch (error) {
    if (error instanceof Trouble) return undefined;
    throw error;
  }
}

/** Whether a thing is not there. What cannot be told counts as there. */
export async function isAbsent({ kind, name, absent }: Thing, reader: Reader): Promise<boolean> {
  try {
    // To plan its removal would start the package manager.
    if (kind === 'package') return ((await reader.packages()).get(name)?.state ?? 'config') === 'config';
    const definition = absent && (await definitionOf(absent.state));
    if (!definition) return false;
    const args = { ...defaultsOf(definition), name: '', ...absent.args };
    const now: unknown = await definition.read(args, reader, { id: 'absent', sls });
    const plan: Plan = definition.plan(args, now);
    return !isRefusal(plan) && stepsOf(plan).length === 0;
  } catch {
    // Whatever it is: what was written down may be meant for another version of the state.
    return false;
  }
}

const definitions = new Map<string, AnyState | undefined>();

async function definitionOf(address: string): Promise<AnyState | undefined> {
  if (!definitions.has(address))
    definitions.set(address, listStates().includes(address) ? await loadState(address) : undefined);
  return definitions.get(address);
}

function defaultsOf({ properties }: AnyState): { [name: string]: unknown } {
  const schemas = Object.entries(properties as Properties);
  return Object.fromEntries(
    schemas.flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** `goesWell`: whether all that the tree declares went well up to now. */
export function cautious(removal: Runnable, { kind, name }: Thing, goesWell: () => boolean): Runnable {
  const { definition } = removal;
  function obstacle(reader: Reader): string | undefined {
    if (!goesWell()) return 'It stays for now: not everything went well in this run.';
    if (!isPath({ kind })) return undefined;
    return (reader.list(name)?.length ?? 0) > 0 ? 'It stays: it is not empty.' : undefined;
  }
  const careful: AnyState = {
    ...definition,
    read(args, reader, place) {
      const comment = obstacle(reader);
      return comment === undefined ? definition.read(args, reader, place) : { comment, steps: [] };
    },
    plan: (args, now) => (isObstacle(now) ? now : definition.plan(args, now)),
  };
  return { ...removal, definition: careful };
}

function isObstacle(now: unknown): now is { readonly comment: string; readonly steps: [] } {
  return typeof now === 'object' && now !== null && 'comment' in now && 'steps' in now;
}
