/** Turns the words of the command line into one typed command, or into a sentence about what is wrong with them. */
import { Misuse, type Options, optionsOf, readWords, suggestion } from './given.ts';
import { type VerbOptionRow, verbOptions } from './options.ts';

export const shown = ['top', 'sls', 'pillar', 'grains', 'highstate', 'lowstate', 'order'] as const;
export const verbs = [
  'highstate',
  'apply',
  'single',
  'show',
  'lint',
  'list-states',
  'status',
  'history',
  'owed',
  'owns',
  'apply-plan',
  'confirm',
  'rollback',
  'restore',
  'pillar',
  'dns',
  'doctor',
  'watch',
  'pause',
  'resume',
] as const;
export const pillarVerbs = ['get', 'encrypt', 'decrypt', 'edit', 'rotate', 'recipients', 'keygen'] as const;
export type Verb = (typeof verbs)[number];

export type Command =
  | { readonly verb: 'highstate'; readonly test: boolean; readonly options: Options }
  | {
      readonly verb: 'apply';
      readonly sls: readonly string[];
      readonly test: boolean;
      readonly options: Options;
    }
  | {
      readonly verb: 'single';
      /** As written: `file.managed`. */
      readonly fun: string;
      /** Argument → text as written, to be read as YAML; in the order given. */
      readonly args: ReadonlyMap<string, string>;
      readonly test: boolean;
      readonly options: Options;
    }
  | {
      readonly verb: 'show';
      readonly what: (typeof shown)[number];
      /** sls, highstate, lowstate, order: SLS names (none: as the top file says); pillar, grains: colon paths. */
      readonly names: readonly string[];
      readonly options: Options;
    }
  /** Without names: everything that the file roots hold. */
  | { readonly verb: 'lint'; readonly sls: readonly string[]; readonly options: Options }
  /** The states this program knows; with patterns: those that match one of them. */
  | { readonly verb: 'list-states'; readonly patterns: readonly string[]; readonly options: Options }
  /** Without runs: the list of them; one: what it changed; two: how they differ. */
  | { readonly verb: 'history'; readonly runs: readonly string[]; readonly options: Options }
  | { readonly verb: 'owed'; readonly options: Options }
  | { readonly verb: 'status'; readonly options: Options }
  | { readonly verb: 'confirm'; readonly options: Options }
  /** Who answers for these paths or names; none: everything that is owned. */
  | { readonly verb: 'owns'; readonly names: readonly string[]; readonly options: Options }
  | { readonly verb: 'apply-plan'; readonly file: string; readonly options: Options }
  | {
      readonly verb: 'rollback';
      readonly run: string;
      readonly test: boolean;
      readonly force: boolean;
      readonly options: Options;
    }
  | {
      readonly verb: 'restore';
      readonly paths: readonly string[];
      /** Undefined: the last run that touched each. */
      readonly run: string | undefined;
      readonly test: boolean;
      readonly force: boolean;
      readonly options: Options;
    }
  /** Services as templates name them; none: all that are known. */
  | {
      readonly verb: 'dns';
      readonly what: 'explain';
      readonly services: readonly string[];
      readonly options: Options;
    }
  | { readonly verb: 'doctor'; readonly what: 'secrets'; readonly options: Options }
  | {
      readonly verb: 'watch';
      /** Every beacon looks once, what it calls for is done, and that is it. */
      readonly once: boolean;
      readonly options: Options;
    }
  | {
      readonly verb: 'pause' | 'resume';
      /** As written: `2h`. Undefined: until `resume`. */
      readonly for?: string;
      readonly reason?: string;
      readonly options: Options;
    }
  /** get: colon paths; the others: files, or none. */
  | {
      readonly verb: 'pillar';
      readonly what: (typeof pillarVerbs)[number];
      readonly names: readonly string[];
      readonly options: Options;
    }
  | { readonly verb: 'help'; readonly about?: Verb }
  | { readonly verb: 'version' };

/** Exit code 64. */
export interface UsageProblem {
  readonly problem: string;
  readonly hint?: string;
}

/** `argv` without the program: process.argv.slice(2). Told apart by `'problem' in …`. */
export function parseArguments(argv: readonly string[]): Command | UsageProblem {
  try {
    return parse(argv);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    return error.hint === undefined
      ? { problem: error.message }
      : { problem: error.message, hint: error.hint };
  }
}

function parse(argv: readonly string[]): Command {
  const { words, options: given } = readWords(argv);
  if (given.has('version')) return { verb: 'version' };
  if (given.has('help')) return help(words[0]);
  return commandOf(words, given);
}

function help(word: string | undefined): Command {
  const about = verbs.find((verb) => verb === word);
  if (word !== undefined && word !== 'help' && !about) throw unknownVerb(word);
  return about ? { verb: 'help', about } : { verb: 'help' };
}

/** What users of salt-call type first. */
const saltNames: Readonly<Record<string, string>> = {
  'state.highstate': 'highstate',
  'state.apply': 'apply SLS',
  'state.sls': 'apply SLS',
  'state.single': 'single',
  'state.show_top': 'show top',
  'state.show_sls': 'show sls',
  'state.show_highstate': 'show highstate',
  'state.show_lowstate': 'show lowstate',
  'pillar.items': 'show pillar',
  'pillar.get': 'show pillar',
  'grains.items': 'show grains',
  'grains.get': 'show grains',
};

function unknownVerb(word: string): Misuse {
  return new Misuse(
    `There is no verb "${word}".`,
    (Object.hasOwn(saltNames, word) ? `Write: converge ${saltNames[word]}` : undefined) ??
      suggestion(word, verbs) ??
      `The verbs are ${verbs.join(', ')}.`,
  );
}

function commandOf(words: readonly string[], given: ReadonlyMap<string, readonly string[]>): Command {
  const [verb, ...rest] = words;
  if (verb === undefined) throw new Misuse('No verb was given.', 'converge --help lists the verbs.');
  const test = given.has('test');
  if (verb === 'help') return help(rest[0]);
  if (isVerb(verb)) refuseOptions(verb, given);
  const force = given.has('force');
  switch (verb) {
    case 'highstate':
      refuseSaltTest(rest);
      if (rest.length > 0) {
        throw new Misuse(
          `"highstate" takes no names, and "${rest[0]}" is one.`,
          `Use converge apply ${rest.join(' ')} for single SLS.`,
        );
      }
      return { verb, test, options: optionsOf(given) };
    case 'apply': {
      refuseSaltTest(rest);
      const sls = names(rest);
      if (sls.length === 0) {
        throw new Misuse('"apply" needs the SLS to apply.', 'Write for example: converge apply web.nginx');
      }
      return { verb, sls, test, options: optionsOf(given) };
    }
    case 'single':
      return { verb, ...single(rest), test, options: optionsOf(given) };
    case 'show': {
      const what = shown.find((one) => one === rest[0]);
      if (!what) {
        throw new Misuse(
          rest[0] === undefined ? '"show" needs to know what to show.' : `"show" cannot show "${rest[0]}".`,
          (rest[0] && suggestion(rest[0], shown, 'show ')) || `It shows one of ${shown.join(', ')}.`,
        );
      }
      const wanted = names(rest.slice(1));
      if (what === 'sls' && wanted.length === 0) throw new Misuse('"show sls" needs the SLS to show.');
      if (what === 'top' && wanted.length > 0) throw new Misuse('"show top" takes no names.');
      return { verb, what, names: wanted, options: optionsOf(given) };
    }
    case 'lint':
      return { verb, sls: names(rest), options: optionsOf(given) };
    case 'list-states':
      return { verb, patterns: names(rest), options: optionsOf(given) };
    case 'history':
      return { verb, runs: runsOf(rest), options: optionsOf(given) };
    case 'owed':
    case 'status':
    case 'confirm':
      if (rest.length > 0) throw new Misuse(`"${verb}" takes no names.`);
      return { verb, options: optionsOf(given) };
    case 'watch':
      if (rest.length > 0) throw new Misuse(`"${verb}" takes no names.`);
      return { verb, once: given.has('once'), options: optionsOf(given) };
    case 'pause':
    case 'resume': {
      if (rest.length > 0) throw new Misuse(`"${verb}" takes no names.`);
      const [length, reason] = [given.get('for')?.at(-1), given.get('reason')?.at(-1)];
      return {
        verb,
        ...(length !== undefined && { for: length }),
        ...(reason !== undefined && { reason }),
        options: optionsOf(given),
      };
    }
    case 'owns':
      return { verb, names: rest, options: optionsOf(given) };
    case 'apply-plan':
      return { verb, file: one(verb, rest, 'the file of a plan'), options: optionsOf(given) };
    case 'rollback':
      return { verb, run: one(verb, rest, 'a run'), test, force, options: optionsOf(given) };
    case 'restore':
      if (rest.length === 0) throw new Misuse('"restore" needs the paths to restore.');
      return { verb, paths: rest, run: given.get('run')?.at(-1), test, force, options: optionsOf(given) };
    case 'dns':
      if (rest[0] !== 'explain')
        throw new Misuse(
          rest[0] === undefined ? '"dns" needs to know what to do.' : `"dns" cannot "${rest[0]}".`,
          'Write: converge dns explain',
        );
      return { verb, what: 'explain', services: names(rest.slice(1)), options: optionsOf(given) };
    case 'doctor':
      if (one(verb, rest, 'what to look into: secrets') !== 'secrets')
        throw new Misuse(`"doctor" cannot look into "${rest[0]}".`, 'It looks into secrets.');
      return { verb, what: 'secrets', options: optionsOf(given) };
    case 'pillar':
      return { verb, ...pillarWords(rest), options: optionsOf(given) };
    default:
      throw unknownVerb(verb);
  }
}

function isVerb(word: string): word is Verb {
  return verbs.some((verb) => verb === word);
}

/** Options of other verbs, and those that go without each other. */
function refuseOptions(verb: Verb, given: ReadonlyMap<string, readonly string[]>): void {
  for (const [name, row] of Object.entries<VerbOptionRow>(verbOptions)) {
    if (!given.has(name) || row.verbs.includes(verb)) continue;
    const others = row.verbs.map((one) => `"${one}"`).join(', ');
    throw new Misuse(`"${verb}" takes no --${name}.`, `It is an option of ${others}.`);
  }
  if (given.has('out') && !given.has('test')) {
    throw new Misuse('--out saves the plan of a dry run.', 'Add --test.');
  }
  if (given.has('confirm') && given.has('test')) {
    throw new Misuse('--confirm means nothing in a dry run.', 'Leave out one of the two.');
  }
}

function one(verb: Verb, words: readonly string[], what: string): string {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw new Misuse(`"${verb}" needs ${what}, and only that.`);
  return word;
}

/** Each with the least and the most words it takes, and what they are. */
const pillarTakes: { readonly [what in (typeof pillarVerbs)[number]]: readonly [number, number, string] } = {
  get: [1, Number.POSITIVE_INFINITY, 'the path of a value'],
  encrypt: [0, Number.POSITIVE_INFINITY, 'files, or none for a value from stdin'],
  decrypt: [0, 1, 'one file, or none for a block from stdin'],
  edit: [1, 1, 'one file'],
  rotate: [1, Number.POSITIVE_INFINITY, 'files'],
  recipients: [0, 0, 'no names'],
  keygen: [0, 0, 'no names'],
};

function pillarWords(words: readonly string[]): {
  what: (typeof pillarVerbs)[number];
  names: readonly string[];
} {
  const [word, ...rest] = words;
  const what = pillarVerbs.find((one) => one === word);
  if (!what) {
    throw new Misuse(
      word === undefined ? '"pillar" needs to know what to do.' : `"pillar" cannot "${word}".`,
      (word && suggestion(word, pillarVerbs, 'pillar ')) || `It does one of ${pillarVerbs.join(', ')}.`,
    );
  }
  const [least, most, taken] = pillarTakes[what];
  if (rest.length < least || rest.length > most) throw new Misuse(`"pillar ${what}" takes ${taken}.`);
  return { what, names: rest };
}

function runsOf(words: readonly string[]): string[] {
  const [what, ...runs] = words;
  if (what === undefined) return [];
  const count = { show: 1, diff: 2 }[what];
  if (count === undefined) {
    throw new Misuse(`"history" knows no "${what}".`, suggestion(what, ['show', 'diff'], 'history '));
  }
  if (runs.length !== count) {
    throw new Misuse(
      `"history ${what}" needs ${count === 1 ? 'one run' : 'two runs'}.`,
      'converge history lists them; "last" and "last-1" work too.',
    );
  }
  return runs;
}

/** Names separated by blanks or commas. */
function names(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(',').map((name) => name.trim())).filter((name) => name !== '');
}

/** Salt: `test=True` is how its users ask for a dry run; taking it for a name would be a puzzle. */
function refuseSaltTest(words: readonly string[]): void {
  const setting = words.find((word) => /^\w+=/.test(word));
  if (setting === undefined) return;
  const hint = setting.startsWith('test=')
    ? 'Use --test for a dry run.'
    : setting.startsWith('pillar=')
      ? 'Use --pillar-override for pillar values.'
      : undefined;
  throw new Misuse(`Settings such as "${setting}" are not taken here.`, hint);
}

function single(words: readonly string[]): { fun: string; args: ReadonlyMap<string, string> } {
  const [fun, ...rest] = words;
  if (fun === undefined || !/^\w+\.\w+$/.test(fun)) {
    throw new Misuse(
      fun === undefined ? '"single" needs a state.' : `"${fun}" is not a state.`,
      'Write for example: converge single file.managed name=/etc/motd contents=Hello',
    );
  }
  const args = new Map<string, string>();
  for (const word of rest) {
    const pair = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    // Salt: one word without "=" is the name, as in `state.single pkg.installed vim`.
    const [key, text] = pair ? [pair[1]!, pair[2]!] : ['name', word];
    if (args.has(key)) throw new Misuse(`"${key}" is given twice.`);
    args.set(key, text);
  }
  return { fun, args };
}
