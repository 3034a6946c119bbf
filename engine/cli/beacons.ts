/** Which beacons are on, and what their notices lead to: what the pillar says below `beacons` and `reactor`. */
import { at, Bug, Trouble } from '../core/diagnostic.ts';
import type { Schema } from '../core/schema.ts';
import { type Dict, isDict, keyText, toPlain, type Value } from '../core/value.ts';
import type { BeaconName } from '../core/watch.ts';
import type { AnyBeacon } from '../watch/beacon.ts';
import { beaconNames, loadBeacon } from '../watch/find.ts';
import { type Rules, reactorSchema, rulesOf, type WrittenRule } from '../watch/reactor.ts';
import type { World } from './world.ts';

/** One that is to be on. */
export interface WantedBeacon {
  readonly beacon: BeaconName;
  /** Of its entry; the beacon's own where it has none. */
  readonly name: string;
  readonly definition: AnyBeacon;
  readonly settings: { readonly [key: string]: unknown };
}

export interface WatchConfig {
  readonly beacons: readonly WantedBeacon[];
  readonly rules: Rules;
}

type Settings = { readonly [key: string]: unknown };

/** Throws Trouble with all that is wrong. Without a world: what holds where nothing is said. */
export async function readWatchConfig(world: World | undefined): Promise<WatchConfig> {
  const pillar = (await world?.pillar()) ?? new Map<Value, Value>();
  const definitions = new Map(
    await Promise.all(beaconNames.map(async (one) => [one, await loadBeacon(one)] as const)),
  );
  if (world && (pillar.has('beacons') || pillar.has('reactor'))) await check(definitions, pillar, world);
  const written = plainOf(pillar.get('beacons'));
  const beacons = [...definitions].flatMap(([beacon, definition]) =>
    wanted(beacon, definition, written[beacon]),
  );
  return { beacons, rules: rulesOf(plainOf(pillar.get('reactor')) as { [tag: string]: WrittenRule }) };
}

function wanted(beacon: BeaconName, definition: AnyBeacon, written: unknown): WantedBeacon[] {
  const { standard, named } = definition;
  if (written === false) return [];
  if (!named) {
    if (written === undefined && standard === false) return [];
    return [{ beacon, name: beacon, definition, settings: withDefaults(definition, written) }];
  }
  const entries: Settings = {
    ...(typeof standard === 'object' ? standard : {}),
    ...(written as Settings | undefined),
  };
  return Object.entries(entries)
    .filter(([, settings]) => settings !== false)
    .map(([name, settings]) => ({ beacon, name, definition, settings: withDefaults(definition, settings) }));
}

function withDefaults(definition: AnyBeacon, written: unknown): Settings {
  const defaults = Object.entries(definition.properties as { [name: string]: Schema })
    .filter(([, schema]) => schema.default !== undefined)
    .map(([name, schema]) => [name, schema.default]);
  return { ...Object.fromEntries(defaults), ...(typeof written === 'object' ? written : {}) };
}

async function check(
  definitions: ReadonlyMap<BeaconName, AnyBeacon>,
  pillar: Dict,
  world: World,
): Promise<void> {
  const { checkPillar } = await import('../compile/pillar-schema.ts');
  const schema = schemaOf(definitions);
  const file = { file: 'converge watch', schema, locate: () => at('converge watch', 1, 1) };
  const own = new Map([...pillar].filter(([key]) => key === 'beacons' || key === 'reactor'));
  const wrong = checkPillar(file, own, world.placeInPillar);
  if (wrong.length > 0) throw new Trouble(wrong);
}

/** JSON Schema of the keys `beacons` and `reactor` of the pillar. */
export function schemaOf(definitions: ReadonlyMap<BeaconName, AnyBeacon>): object {
  const beacons = [...definitions].map(([name, { named, properties, required = [], summary }]) => {
    const settings = { type: 'object', properties, required: [...required], additionalProperties: false };
    const off = { const: false };
    const entries = { type: 'object', additionalProperties: { anyOf: [settings, off] } };
    return [name, { description: summary, anyOf: [named ? entries : settings, off, { const: true }] }];
  });
  return {
    type: 'object',
    properties: {
      beacons: { type: 'object', properties: Object.fromEntries(beacons), additionalProperties: false },
      reactor: reactorSchema([...definitions.keys()]),
    },
  };
}

function plainOf(value: Value | undefined): Settings {
  if (value === undefined || value === null) return {};
  if (!isDict(value)) throw new Bug('beacons and reactor were checked to be mappings');
  return Object.fromEntries([...value].map(([key, member]) => [keyText(key), toPlain(member)]));
}
