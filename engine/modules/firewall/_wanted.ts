/** What the arguments of firewall.ruleset come to: names resolved, addresses and ports checked. */
import { didYouMean } from '../../core/diagnostic.ts';
import { ArgumentTrouble } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { type Network, type Networks, networkOf, networksOf } from './_addresses.ts';
import type { Arguments, DirectionArguments, FlowArguments } from './_arguments.ts';
import { type GivenPorts, joinedPorts, type Ports, portsOf } from './_ports.ts';

export interface Wanted {
  readonly sets: ReadonlyMap<string, Networks>;
  readonly input: Direction;
  readonly forward?: Direction;
  readonly output?: Direction;
  readonly ping: boolean;
  readonly log?: Log;
  readonly raw: Raw;
}

export interface Direction {
  readonly policy: 'accept' | 'drop';
  readonly allow: readonly Flow[];
  readonly deny: readonly Flow[];
}

export interface Flow {
  /** Interfaces; any where undefined. */
  readonly incoming?: readonly string[];
  readonly outgoing?: readonly string[];
  readonly from?: Ends;
  readonly to?: Ends;
  /** All traffic where undefined. */
  readonly ports?: Ports;
  readonly rate?: Rate & { readonly burst: number };
  readonly comment: string;
}

/** Any of these. */
export interface Ends {
  readonly sets: readonly string[];
  readonly own: Networks;
}

export interface Rate {
  readonly count: number;
  readonly per: 'second' | 'minute' | 'hour' | 'day';
}

interface Log {
  readonly prefix: string;
  readonly rate: Rate;
  readonly level: string;
}

interface Raw {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly table?: string;
}

export function wantedOf(args: Arguments): Wanted | Refusal {
  try {
    return resolve(args);
  } catch (error) {
    if (!(error instanceof ArgumentTrouble)) throw error;
    return { refused: error.message, ...(error.hint && { hint: error.hint }), certain: true };
  }
}

function resolve(args: Arguments): Wanted {
  const names: Names = {
    zones: named('zone', args.zones as Given<string | string[]>, (name, given) =>
      interfacesOf(name, listOf(given)),
    ),
    sets: named('set', args.sets as Given<string | string[]>, (name, given) =>
      networksOf(listOf(given).map((one) => member(name, one))),
    ),
    services: named('service', args.services as Given<GivenPorts>, portsOf),
  };
  const direction = (given: DirectionArguments, of: DirectionName): Direction => ({
    policy: given.policy ?? 'drop',
    allow: (given.allow ?? []).map((one, at) => flowOf(one, `${at + 1} of \`${of.allow}\``, of, names)),
    deny: (given.deny ?? []).map((one, at) => flowOf(one, `${at + 1} of \`${of.deny}\``, of, names)),
  });
  const { forward, output, raw = {} } = args;
  return {
    sets: names.sets,
    input: direction({ allow: args.allow, deny: args.deny }, input),
    ...(forward && { forward: direction(forward, forwarding) }),
    ...(output && { output: direction(output, outgoing) }),
    ping: args.ping,
    ...(args.log !== false && { log: logOf(args.log === true ? {} : args.log) }),
    raw: {
      before: listOf(raw.before).map(oneLine),
      after: listOf(raw.after).map(oneLine),
      ...(raw.table !== undefined && { table: withoutNul(raw.table) }),
    },
  };
}

interface Names {
  readonly zones: ReadonlyMap<string, readonly string[]>;
  readonly sets: ReadonlyMap<string, Networks>;
  readonly services: ReadonlyMap<string, Ports>;
}

interface DirectionName {
  readonly allow: string;
  readonly deny: string;
  /** Whether it comes in, and goes out, by an interface. */
  readonly comes: boolean;
  readonly goes: boolean;
}

const input: DirectionName = { allow: 'allow', deny: 'deny', comes: true, goes: false };
const forwarding = { allow: 'forward:allow', deny: 'forward:deny', comes: true, goes: true };
const outgoing = { allow: 'output:allow', deny: 'output:deny', comes: false, goes: true };

/** As the schema has checked it. */
type Given<T> = { readonly [name: string]: T } | undefined;

function named<G, T>(kind: string, given: Given<G>, make: (name: string, given: G) => T): Map<string, T> {
  return new Map(
    Object.entries(given ?? {}).map(([name, value]) => {
      if (/^[A-Za-z][A-Za-z0-9_-]{0,59}$/.test(name)) return [name, make(name, value)];
      throw new ArgumentTrouble(
        `${JSON.stringify(name)} cannot be the name of a ${kind}.`,
        'Names are letters, digits, hyphens and underscores, and begin with a letter.',
      );
    }),
  );
}

function listOf<T>(given: T | readonly T[] | undefined): readonly T[] {
  return given === undefined ? [] : Array.isArray(given) ? given : [given as T];
}

function interfacesOf(zone: string, given: readonly string[]): readonly string[] {
  if (given.length === 0) throw new ArgumentTrouble(`The zone "${zone}" has no interface.`);
  // What Linux takes (dev_valid_name), without what nft would understand as something else.
  const wrong = given.find(
    (one) => !/^(?!\*)[^\s"\\/*\p{Cc}]+\*?$/u.test(one) || Buffer.byteLength(one) > 15,
  );
  if (wrong === undefined) return [...new Set(given)];
  throw new ArgumentTrouble(
    `${JSON.stringify(wrong)} of the zone "${zone}" is not the name of a network interface.`,
  );
}

function member(set: string, text: string): Network {
  const network = networkOf(text);
  if (network) return network;
  throw new ArgumentTrouble(
    `${JSON.stringify(text)} of the set "${set}" is no address and no network.`,
    'Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/64; names are not looked up.',
  );
}

function flowOf(given: FlowArguments, place: string, direction: DirectionName, names: Names): Flow {
  const find = <T>(kind: string, all: ReadonlyMap<string, T>, name: string): T =>
    lookUp(kind, all, name, place);
  for (const [key, fits] of [
    ['zone', direction.comes],
    ['to_zone', direction.goes],
  ] as const) {
    if (given[key] === undefined || fits) continue;
    throw new ArgumentTrouble(`Flow ${place} has \`${key}\`, which makes no sense in that direction.`);
  }
  const interfaces = (zones: string | string[] | undefined): readonly string[] | undefined =>
    zones === undefined ? undefined : listOf(zones).flatMap((one) => find('zone', names.zones, one));
  const ends = (list: string | string[] | undefined): Ends | undefined =>
    list === undefined ? undefined : endsOf(listOf(list), names, place);
  const services = listOf(given.service);
  const rate = given.rate === undefined ? undefined : rateOf(given.rate);
  if (rate && place.endsWith('deny`'))
    throw new ArgumentTrouble(`Flow ${place} has a rate, which only \`allow\` knows.`);
  if (given.burst !== undefined && rate === undefined) {
    throw new ArgumentTrouble(`Flow ${place} has \`burst\` without \`rate\`.`);
  }
  return {
    incoming: interfaces(given.zone),
    outgoing: interfaces(given.to_zone),
    from: ends(given.from),
    to: ends(given.to),
    ...(given.service !== undefined && {
      ports: joinedPorts(services.map((one) => find('service', names.services, one))),
    }),
    ...(rate && { rate: { ...rate, burst: given.burst ?? rate.count } }),
    comment: plainText(given.comment ?? (services.join(', ') || 'everything')),
  };
}

function endsOf(list: readonly string[], names: Names, place: string): Ends {
  const sets: string[] = [];
  const own: Network[] = [];
  for (const one of list) {
    const network = networkOf(one);
    if (network) own.push(network);
    else {
      if (!names.sets.has(one)) lookUp('set', names.sets, one, place);
      sets.push(one);
    }
  }
  return { sets: [...new Set(sets)], own: networksOf(own) };
}

function lookUp<T>(kind: string, all: ReadonlyMap<string, T>, name: string, place: string): T {
  const found = all.get(name);
  if (found !== undefined) return found;
  const known = [...all.keys()];
  const near = didYouMean(name, known);
  throw new ArgumentTrouble(
    `There is no ${kind} ${JSON.stringify(name)}, which flow ${place} names.`,
    near ? `Did you mean "${near}"?` : `Describe it under \`${kind}s\`.`,
  );
}

function rateOf(text: string): Rate {
  const [, count = '', per] = /^\s*(\d{1,7})\s*\/\s*(second|minute|hour|day)\s*$/.exec(text) ?? [];
  if (Number(count) >= 1 && Number(count) <= 1_000_000)
    return { count: Number(count), per: per as Rate['per'] };
  throw new ArgumentTrouble(
    `${JSON.stringify(text)} is no rate.`,
    'Write it as 10/minute, or per second, hour or day.',
  );
}

function logOf({ prefix = 'converge drop: ', rate = '10/minute', level = 'info' }): Log {
  return { prefix: plainText(prefix), rate: rateOf(rate), level };
}

/** nft knows no way to write a quote within quotes, and keeps 127 bytes of a comment or a prefix. */
function plainText(text: string): string {
  if (/^[^"\\\p{Cc}]*$/u.test(text) && Buffer.byteLength(text) <= 120) return text;
  throw new ArgumentTrouble(
    `${JSON.stringify(text)} cannot be a comment or a prefix in nftables.`,
    'It may have 120 bytes, and no quotes, backslashes or line breaks.',
  );
}

function oneLine(rule: string): string {
  const text = withoutNul(rule).trim();
  if (!/[\r\n]/.test(text)) return text;
  throw new ArgumentTrouble(
    'A raw rule is one line.',
    'Make a list of rules, or use `raw:table` for chains.',
  );
}

function withoutNul(text: string): string {
  if (!text.includes('\0')) return text;
  throw new ArgumentTrouble('A raw rule cannot hold a NUL character.');
}
