/** Reads the options of a command line: their spelling, their values, and which of several counts. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../core/diagnostic.ts';
import {
  type colours,
  commonOptions,
  type logLevels,
  type OptionRow,
  type outputs,
  type stateOutputs,
  verbOptions,
} from './options.ts';

/** What was said on the command line; undefined where nothing was, so that the settings file may decide. */
export interface Options {
  /** Empty: not given. */
  readonly states: readonly string[];
  readonly pillar: readonly string[];
  readonly templates?: string;
  readonly root?: string;
  readonly id?: string;
  readonly config?: string;
  readonly grains?: string;
  /** JSON text where it begins with `{`, else the path of a file. */
  readonly pillarOverride?: string;
  readonly output?: (typeof outputs)[number];
  readonly stateOutput?: (typeof stateOutputs)[number];
  readonly context?: number;
  readonly detailedExitcode?: boolean;
  readonly failhard?: boolean;
  readonly color?: (typeof colours)[number];
  readonly logLevel?: (typeof logLevels)[number];
  /** A folder, or false for none. */
  readonly cache?: string | false;
  /** Seconds. */
  readonly wait?: number;
  readonly cause?: string;
  /** A file for the plan of a dry run. */
  readonly out?: string;
  /** Seconds until everything is taken back unless it is confirmed. */
  readonly confirm?: number;
  /** Kinds of things, or `all`. */
  readonly prune?: readonly string[];
  readonly junit?: string;
  readonly reveal?: boolean;
  readonly recipients?: readonly string[];
  /** Encrypts the file as a whole. */
  readonly whole?: boolean;
}

interface Given {
  readonly words: readonly string[];
  /** Name → values in the order given; '' for a switch. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** What is wrong with a command line; caught where it is parsed. */
export class Misuse extends Error {
  readonly hint: string | undefined;
  constructor(problem: string, hint?: string) {
    super(problem);
    this.hint = hint;
  }
}

const options: { readonly [name: string]: OptionRow } = { ...commonOptions, ...verbOptions };

/** Separates the words that name things from the options, wherever those stand. */
export function readWords(argv: readonly string[]): Given {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(options).map(([name, row]) => [
        name,
        {
          type: takesValue(row) ? ('string' as const) : ('boolean' as const),
          ...(row.short ? { short: row.short } : {}),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const value = optionValue(token.name, token.rawName, token.value, token.inlineValue);
    // --json and --output are one option, and so are --cache and --no-cache: the last one counts.
    const [name, text] =
      token.name === 'json'
        ? ['output', 'json']
        : token.name === 'no-cache'
          ? ['cache', '']
          : [token.name, value];
    given.set(name, [...(given.get(name) ?? []), text]);
  }
  return { words, options: given };
}

function takesValue(row: OptionRow): boolean {
  return row.value !== undefined || row.choices !== undefined;
}

/** The value of one option, checked; '' for a switch. */
function optionValue(
  name: string,
  written: string,
  value: string | undefined,
  inline: boolean | undefined,
): string {
  const row = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!row) throw unknownOption(name, written);
  if (!takesValue(row)) {
    if (value !== undefined) throw new Misuse(`${written} takes no value.`, `Write just ${written}.`);
    return '';
  }
  const wanted = row.value ?? row.choices!.join('|');
  if (value === undefined || value === '') throw new Misuse(`${written} needs a value: ${written} ${wanted}`);
  if (!inline && value.length > 1 && value.startsWith('-')) {
    throw new Misuse(
      `${written} needs a value (${wanted}), and "${value}" looks like an option.`,
      `Write ${written}=${value} if that is what you mean.`,
    );
  }
  if (row.choices && !row.choices.includes(value)) {
    throw new Misuse(
      `${written} cannot be "${value}": it is one of ${row.choices.join(', ')}.`,
      suggestion(value, row.choices),
    );
  }
  return value;
}

function unknownOption(name: string, written: string): Misuse {
  const near = didYouMean(
    name,
    Object.keys(options).filter((one) => one.length > 1),
  );
  return new Misuse(
    `There is no option ${written}.`,
    near ? `Did you mean --${near}?` : 'converge --help lists the options.',
  );
}

export function suggestion(word: string, known: readonly string[], before = ''): string | undefined {
  const near = didYouMean(word, known);
  return near === undefined ? undefined : `Did you mean "${before}${near}"?`;
}

export function optionsOf(given: ReadonlyMap<string, readonly string[]>): Options {
  const last = (name: string): string | undefined => given.get(name)?.at(-1);
  const context = last('context');
  if (context !== undefined && !/^\d{1,6}$/.test(context)) {
    throw new Misuse(`--context needs a number of lines, and "${context}" is none.`);
  }
  const cache = last('cache');
  function seconds(name: string): number | undefined {
    const text = last(name);
    if (text !== undefined && !/^\d{1,9}$/.test(text)) {
      throw new Misuse(`--${name} needs a number of seconds, and "${text}" is none.`);
    }
    return text === undefined ? undefined : Number(text);
  }
  if (seconds('confirm') === 0) throw new Misuse('--confirm needs at least one second.');
  const found = {
    templates: last('templates'),
    root: last('root'),
    id: last('id'),
    config: last('config'),
    grains: last('grains'),
    pillarOverride: last('pillar-override'),
    output: last('output') as Options['output'],
    stateOutput: last('state-output') as Options['stateOutput'],
    context: context === undefined ? undefined : Number(context),
    detailedExitcode: given.has('detailed-exitcode') || undefined,
    failhard: given.has('failhard') || undefined,
    color: last('color') as Options['color'],
    logLevel: last('log-level') as Options['logLevel'],
    cache: cache === '' ? (false as const) : cache,
    wait: seconds('wait'),
    cause: last('cause'),
    out: last('out'),
    confirm: seconds('confirm'),
    prune: given.get('prune')?.flatMap((one) => one.split(',')),
    junit: last('junit'),
    reveal: given.has('reveal') || undefined,
    recipients: given.get('recipient'),
    whole: given.has('whole') || undefined,
  };
  return {
    states: given.get('states') ?? [],
    pillar: given.get('pillar') ?? [],
    ...(Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as typeof found),
  };
}
