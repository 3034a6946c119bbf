/** Sets up the discovery of members as the pillar says, on top of what earlier runs knew. */
import { Trouble } from '../core/diagnostic.ts';
import type { Caution, Findings } from '../core/discovery.ts';
import { type Dict, isDict, keyText, type Value } from '../core/value.ts';
import { createResolvers } from '../host/resolver.ts';
import { readFindings } from '../journal/discovery.ts';
import { createDiscovery, type Discovery } from '../source/discovery.ts';
import type { Settings } from './settings.ts';

export interface Circumstances {
  readonly id: string;
  readonly grains: Dict;
  readonly pillar: Dict;
  readonly settings: Settings;
  readonly afresh?: boolean;
  /** What was found before; what was kept on disk unless told. */
  readonly findings?: Findings | undefined;
}

export interface Opened {
  readonly discovery: Discovery;
  readonly caution: Caution;
  /** How many there are. */
  readonly resolvers: number;
}

/** With `afresh` everything is asked again, however new it is. */
export function openDiscovery({
  id,
  grains,
  pillar,
  settings,
  afresh,
  findings: known,
}: Circumstances): Opened {
  const { resolvers, interval, timeout, caution } = read(pillar.get('discovery'));
  // Of another host nothing can be asked from here.
  const foreign = settings.foreignGrains !== undefined;
  const kept =
    known ?? (settings.journal === undefined || foreign ? new Map() : readFindings(settings.journal));
  const findings = afresh
    ? new Map([...kept].map(([question, one]) => [question, { ...one, due: 0 }]))
    : kept;
  const asked = foreign ? [] : createResolvers(resolvers, { timeout, now: Date.now });
  const discovery = createDiscovery({
    self: { id, addresses: foreign ? [] : ownAddresses(grains) },
    resolvers: asked,
    caution,
    interval,
    findings,
    now: Date.now,
  });
  return { discovery, caution, resolvers: asked.length };
}

function ownAddresses(grains: Dict): string[] {
  const all = ['ipv4', 'ipv6'].flatMap((grain) => (grains.get(grain) ?? []) as Value[]).map(String);
  return all.filter((one) => !/^(127\.|::1$|fe80:)/.test(one));
}

interface Wishes {
  readonly resolvers: readonly string[];
  readonly caution: Caution;
  readonly interval: number;
  readonly timeout: number;
}

/** What holds unless the pillar says otherwise. */
const standard = { confirmations: 3, quorum: 2, hold_down: 10, min_members: 1, interval: 5, timeout: 1 };

function read(written: Value | undefined): Wishes {
  const wishes = written ?? new Map<Value, Value>();
  if (!isDict(wishes)) throw wrong('"discovery" has to be a mapping');
  const known = ['domain', 'resolvers', ...Object.keys(standard)];
  const odd = [...wishes.keys()].map(keyText).find((key) => !known.includes(key));
  if (odd !== undefined) throw wrong(`"discovery" has no key "${odd}": it has ${known.join(', ')}`);
  function number(key: keyof typeof standard): number {
    const value = (wishes as Dict).get(key) ?? standard[key];
    if (typeof value !== 'number' || value < 0) throw wrong(`"discovery:${key}" has to be a number`);
    return value;
  }
  const resolvers = wishes.get('resolvers') ?? [];
  if (!Array.isArray(resolvers) || !resolvers.every((one) => typeof one === 'string'))
    throw wrong('"discovery:resolvers" has to be a list of addresses');
  return {
    resolvers: resolvers as string[],
    caution: {
      answers: number('confirmations'),
      resolvers: number('quorum'),
      seconds: number('hold_down'),
      least: number('min_members'),
    },
    interval: number('interval'),
    timeout: number('timeout'),
  };
}

function wrong(message: string): Trouble {
  return new Trouble([{ code: 'bad-configuration', message: `In the pillar, ${message}.` }]);
}
