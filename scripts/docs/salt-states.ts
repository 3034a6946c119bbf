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
  const count = (verdict: string) => server.filter((module) => verdictOf(module, here) === verdict).length;
  const known = new Set(server.flatMap(addressesOf));
  const own = states.filter(({ address }) => !known.has(address));
  return page('Salt states', `${data} and engine/modules`, [
    'Every state module of Salt 3007 with what there is of it here. Where a state is here, its name, its arguments and',
    'their meaning are those of Salt; what differs is told on its page and in [Differences from',
    'Salt](differences-from-salt.md). Of the modules that a Linux server uses',
    `${count('yes')} are here whole, ${count('partly')} in part, and ${count('no')} are not.`,
    '',
    ...table(
      ['Salt', 'Here', 'States', 'Missing, and what to use instead'],
      server.map((module) => [
        module.name,
        verdictOf(module, here),
        addressesOf(module)
          .filter((address) => here.has(address))
          .map(link)
          .join(', '),
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
      others.map(({ what, modules }) => [what, modules.join(', ')]),
    ),
  ]);
}

function verdictOf(module: SaltModule, here: ReadonlySet<string>): 'yes' | 'partly' | 'no' {
  const addresses = addressesOf(module);
  const found = addresses.filter((address) => here.has(address)).length;
  if (found === 0) return 'no';
  return found === addresses.length ? 'yes' : 'partly';
}

function missing(module: SaltModule, here: ReadonlySet<string>): string {
  const gone = module.functions.filter((fun) => !here.has(`${module.name}.${fun}`));
  if (gone.length === 0) return module.functions.length === 0 ? linked(module.because ?? '', here) : '';
  const single = gone.filter((fun) => module.without?.[fun]);
  const rest = gone.filter((fun) => !module.without?.[fun]);
  const names = gone.length === module.functions.length ? '' : `${rest.join(', ')}: `;
  return [
    ...single.map((fun) => `${fun}: ${module.without![fun]}`),
    ...(rest.length > 0 ? [names + (module.because ?? '')] : []),
  ]
    .map((text) => linked(text, here))
    .join(' ');
}

function linked(text: string, here: ReadonlySet<string>): string {
  return text.replace(/`(\w+\.\w+)`/g, (found, address) => (here.has(address) ? link(address) : found));
}

function link(address: string): string {
  return `[${address}](states/${address}.md)`;
}
