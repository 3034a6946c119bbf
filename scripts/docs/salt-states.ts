/** The page that tells of every state module of Salt what there is of it here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { page, table } from './page.ts';
import type { FoundState } from './states.ts';

const data = 'scripts/docs/salt-states.yaml';

export interface SaltModule {
  /** As an SLS file names it; several that are alike, between commas. */
  readonly name: string;
  readonly functions: readonly string[];
  readonly because?: string;
  readonly without?: { readonly [fun: string]: string };
  /** Its states only say what to use instead. */
  readonly refuses?: boolean;
}

export interface SaltStates {
  readonly server: readonly SaltModule[];
  readonly others: readonly { readonly what: string; readonly modules: readonly string[] }[];
}

export function readSaltStates(top: string): SaltStates {
  const { server, others } = parse(readFileSync(join(top, data), 'utf8'));
  return {
    server: Object.entries(server as { [name: string]: Omit<SaltModule, 'name'> }).map(([name, told]) => ({
      name,
      ...told,
    })),
    others,
  };
}

/** Addresses of Salt's states in this module. */
export function addressesOf({ name, functions }: SaltModule): string[] {
  return functions.map((fun) => `${name}.${fun}`);
}

export function saltStatesPage(top: string, states: readonly FoundState[]): string {
  const { server, others } = readSaltStates(top);
  const here = new Set(states.map(({ address }) => address));
  const known = new Set(server.flatMap(addressesOf));
  const own = states.filter(({ address }) => !known.has(address));
  const [present, absent] = [true, false].map((wanted) =>
    server.filter((module) => (verdictOf(module, here) !== 'no') === wanted),
  ) as [SaltModule[], SaltModule[]];
  return page('Salt states', `${data} and engine/modules`, [
    'Every state module of Salt 3007 with what there is of it here. Where a state is here, its name, its arguments and',
    'their meaning are those of Salt; what differs is told on its page and in [Differences from',
    'Salt](differences-from-salt.md).',
    '',
    '## Here',
    '',
    ...table(
      ['Salt', 'Here', 'States', 'Missing, and what to use instead'],
      present.map((module) => [
        module.name,
        verdictOf(module, here),
        linksOf(module, here),
        missing(module, here),
      ]),
    ),
    '',
    '## Not here',
    '',
    ...table(
      ['Salt', 'What to use instead, or why'],
      absent.map((module) => [
        [starred(module.name), linksOf(module, here)].filter(Boolean).join(': '),
        missing(module, here),
      ]),
    ),
    '',
    '## States that Salt does not have',
    '',
    ...table(
      ['State', 'Holds when'],
      own.map(({ address, definition }) => [link(address), definition.summary]),
    ),
    '',
    '## Not for Linux servers',
    '',
    'None of these modules is here. What a cloud, a device or a service of others should be is not a property of the',
    'node that converges; `http.query` can ask and post where that is needed.',
    '',
    ...table(
      ['About', 'Modules of Salt'],
      others.map(({ what, modules }) => [what, starred(modules.join(', '))]),
    ),
  ]);
}

function linksOf({ name, functions }: SaltModule, here: ReadonlySet<string>): string {
  return functions
    .filter((fun) => here.has(`${name}.${fun}`))
    .map((fun) => link(`${name}.${fun}`, fun))
    .join(', ');
}

function verdictOf(module: SaltModule, here: ReadonlySet<string>): 'yes' | 'partly' | 'no' {
  const addresses = addressesOf(module);
  const found = addresses.filter((address) => here.has(address)).length;
  if (found === 0 || module.refuses) return 'no';
  return found === addresses.length ? 'yes' : 'partly';
}

function missing(
  { name, functions, because = '', without = {}, refuses }: SaltModule,
  here: ReadonlySet<string>,
): string {
  const gone = functions.filter((fun) => !here.has(`${name}.${fun}`));
  if (refuses || gone.length === functions.length) return linked(because, here);
  const rest = gone.filter((fun) => !without[fun]);
  return [
    ...gone.filter((fun) => without[fun]).map((fun) => `\`${fun}\`: ${without[fun]}`),
    ...(rest.length > 0 ? [`${rest.map((fun) => `\`${fun}\``).join(', ')}: ${because}`] : []),
  ]
    .map((text) => linked(text, here))
    .join(' ');
}

function linked(text: string, here: ReadonlySet<string>): string {
  return text.replace(/`(\w+\.\w+)`/g, (found, address) => (here.has(address) ? link(address) : found));
}

function link(address: string, text = address): string {
  return `[${text}](states/${address}.md)`;
}

/** A star that is no emphasis. */
function starred(names: string): string {
  return names.replaceAll('*', '\\*');
}
