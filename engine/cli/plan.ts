/** Makes a plan of a dry run: what it shows, and fingerprints of all that it rests on. */
import { join } from 'node:path';
import type { Runnable, RunOrder } from '../core/chunk.ts';
import type { Event } from '../core/event.ts';
import { type Inputs, type Plan, type PlannedRun, type PlannedState, planFormat } from '../core/plan.ts';
import { type Dict, isDict, keyText } from '../core/value.ts';
import { keptKey } from '../journal/key.ts';
import { changesData } from '../report/json.ts';
import { version } from './main.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

export interface Planner {
  /** An event as it is, and as it may be shown. */
  witness(event: Event, masked: Event): void;
  plan(order: RunOrder): Promise<Plan>;
}

/** Throws where the node's key cannot be kept: without it fingerprints would give short secrets away. */
export function createPlanner(undertaking: PlannedRun, world: World): Planner {
  const fingerprint = createFingerprint(world.settings);
  const states: PlannedState[] = [];
  return {
    witness(event, masked) {
      if (event.kind !== 'state-finished' || masked.kind !== 'state-finished') return;
      const { verdict, differences, changes } = event.result;
      if (verdict === 'unchanged') return;
      const { id, sls, state, fun, name, comment } = masked.result;
      states.push({
        id,
        sls,
        state,
        fun,
        name,
        comment,
        verdict,
        changes: changesData(masked.result),
        fingerprint: fingerprint([changes, differences]),
      });
    },
    plan: async (order) => ({
      converge: version(),
      format: planFormat,
      made: new Date().toISOString(),
      node: world.id,
      undertaking,
      options: optionsOf(world.settings),
      inputs: await inputsOf(order, world, fingerprint),
      states,
    }),
  };
}

type Fingerprint = (value: unknown) => string;

function createFingerprint({ stateDir }: Settings): Fingerprint {
  const key = keptKey(join(stateDir, 'key'));
  if (key === undefined) throw new Error(`the key of this node cannot be kept in ${stateDir}`);
  const { createHmac } = process.getBuiltinModule('node:crypto');
  return (value) => createHmac('sha256', key).update(canonical(value)).digest('hex').slice(0, 16);
}

async function inputsOf(order: RunOrder, world: World, fingerprint: Fingerprint): Promise<Inputs> {
  const places = new Map(order.states.map((state, place) => [state, place]));
  const each = (dict: Dict) =>
    Object.fromEntries([...dict].map(([key, value]) => [keyText(key), fingerprint(value)]));
  const grains = new Map([...world.grains].filter(([key]) => !ofProcess.has(keyText(key))));
  return {
    tree: fingerprint([
      order.states.map((state) => essence(state, places)),
      order.listenings.map(({ listener, source }) => [places.get(listener), places.get(source)]),
    ]),
    pillar: each(await world.pillar()),
    grains: each(grains),
  };
}

/** Grains of the process that asks: if states make anything of them, it shows in the tree. */
const ofProcess = new Set(['pid', 'cwd', 'shell', 'path', 'systempath']);

/** All that decides what a state does. */
function essence(runnable: Runnable, places: ReadonlyMap<Runnable, number>): unknown {
  const { chunk, definition: _, requisites, prerequired: __, ...rest } = runnable;
  const { state, fun, id, name, sls } = chunk;
  const waits = Object.entries(requisites).map(([kind, on]) => [kind, on.map((one) => places.get(one))]);
  return [state, fun, id, name, sls, waits, rest];
}

/** The same text for the same value, with the kinds of YAML told apart that JSON would mix up. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (isDict(one)) return { dict: [...one] };
    if (typeof one === 'bigint') return { integer: String(one) };
    return one;
  });
}

/** What has to be the same again for the same states to be compiled. */
function optionsOf({ states, pillar, root, id, prune, given }: Settings): Plan['options'] {
  return {
    states,
    pillar,
    ...(root === undefined ? {} : { root }),
    ...(id === undefined ? {} : { id }),
    ...(prune.length > 0 && { prune }),
    ...given,
  };
}
