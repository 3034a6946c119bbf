/** What `converge --help` prints: every verb with its options and examples, within 80 columns. */
import type { Verb } from './arguments.ts';
import { commonOptions, type OptionRow, runOptions } from './options.ts';

interface VerbHelp {
  readonly usage: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  readonly text: string;
  /** Each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** Whether it runs states, and so takes --test. */
  readonly runs: boolean;
}

export const verbHelp: { readonly [verb in Verb]: VerbHelp } = {
  highstate: {
    usage: 'converge highstate [--test] [options]',
    summary: 'Make this node match what the top file assigns to it.',
    text: 'Reads the top file, renders and compiles the SLS it names for this node, and applies their states in order. Nothing is touched unless everything compiles.',
    examples: [
      ['converge highstate --test', 'show what would change, and touch nothing'],
      ['converge highstate', 'apply it'],
      ['converge highstate --output quiet', 'for cron: one line unless something changed'],
      ['converge highstate --test --detailed-exitcode', 'exit with 2 when changes are pending'],
      ['converge highstate --states ./states --pillar ./pillar --root /mnt/image', 'converge an image'],
    ],
    runs: true,
  },
  apply: {
    usage: 'converge apply SLS… [--test] [options]',
    summary: 'Apply some SLS, whatever the top file says.',
    text: 'SLS are named as in the top file, with dots for folders, and separated by blanks or commas. What they include is applied too.',
    examples: [
      ['converge apply web.nginx', 'apply states/web/nginx.yaml'],
      ['converge apply web,firewall --test', 'show what two SLS would change'],
      [`converge apply web --pillar-override '{"port": 8080}'`, 'with another pillar value'],
    ],
    runs: true,
  },
  single: {
    usage: 'converge single STATE key=value… [--test] [options]',
    summary: 'Apply one state, without any SLS.',
    text: 'Values are read as YAML, so true is a boolean and [a, b] is a list. A word without "=" is the name.',
    examples: [
      ['converge single pkg.installed htop', 'install a package'],
      ["converge single file.managed /etc/motd contents='Hello' mode=0644", 'write a file'],
      ['converge single service.running nginx enable=true --test', 'show what it would do'],
    ],
    runs: true,
  },
  show: {
    usage: 'converge show top|sls|pillar|grains|highstate|lowstate|order [NAME…]',
    summary: 'Print what converge sees: grains, pillar, compiled states.',
    text: [
      'top: the SLS that the top file assigns to this node.',
      'sls SLS…: the high data of some SLS, rendered and merged.',
      'pillar [PATH…], grains [PATH…]: all values, or those at colon paths.',
      'highstate [SLS…]: the high data of all assigned (or the named) SLS.',
      'lowstate [SLS…]: every single state with its arguments, in run order.',
      'order [SLS…]: the run order: each state with what it waits for.',
    ].join('\n'),
    examples: [
      ['converge show pillar haproxy:frontends', 'one branch of the pillar'],
      ['converge show grains os_family', 'one fact of this node'],
      ['converge show lowstate --json', 'for programs'],
      ['converge show order web', 'in which order an SLS would run'],
    ],
    runs: false,
  },
  lint: {
    usage: 'converge lint [SLS…] [options]',
    summary: 'Find what is wrong with the tree, without touching a host.',
    text: 'Renders and compiles and reports everything that can be known without a host: template and YAML errors, unknown states and arguments, requisites that lead nowhere. With --grains the tree is checked for another host.',
    examples: [
      ['converge lint', 'check the whole tree'],
      ['converge lint --grains test/hosts/db1.yaml --id db1', 'as another node would see it'],
      ['converge lint --json', 'errors for an editor or a pipeline'],
    ],
    runs: false,
  },
  'list-states': {
    usage: 'converge list-states [PATTERN…]',
    summary: 'List the states that an SLS may use.',
    text: 'One line per state with what holds after it was applied.',
    examples: [
      ['converge list-states', 'all states'],
      ["converge list-states 'file.*'", 'one family'],
    ],
    runs: false,
  },
};

export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'The node matches its description (or a dry run went well).'],
  [1, 'A state failed.'],
  [2, 'Changes are pending (a dry run with --detailed-exitcode).'],
  [3, 'The states or the pillar do not compile; nothing was touched.'],
  [4, 'Another run holds the lock.'],
  [64, 'The command line is wrong.'],
  [70, 'A bug of converge.'],
];

const width = 80;

export function helpText(about?: Verb): string {
  return about ? verbText(about) : overview();
}

function overview(): string {
  return [
    'converge makes this node match its description.',
    '',
    'Usage: converge VERB [options]',
    '',
    'Verbs',
    ...Object.entries(verbHelp).map(([verb, help]) => row(verb, help.summary, 14)),
    '',
    'Examples',
    ...(['highstate', 'apply', 'single', 'show', 'lint', 'list-states'] as const).flatMap((verb) =>
      example(verbHelp[verb].examples[0]!),
    ),
    '',
    'Options, before or after the verb ("--" ends them)',
    ...optionRows({ ...runOptions, ...commonOptions }),
    '',
    'Defaults come from /etc/converge/converge.yaml, then from the current folder',
    'when it has states/ (and pillar/ and templates/).',
    '',
    'Exit codes',
    ...exitCodes.map(([code, meaning]) => row(String(code), meaning, 4)),
    '',
    'converge VERB --help tells more about a verb.',
    '',
  ].join('\n');
}

function verbText(verb: Verb): string {
  const help = verbHelp[verb];
  return [
    ...wrap(`Usage: ${help.usage}`, 7),
    '',
    ...help.text.split('\n').flatMap((line) => wrap(line, line === help.text ? 0 : 2)),
    '',
    'Examples',
    ...help.examples.flatMap(example),
    '',
    'Options',
    ...optionRows(help.runs ? { ...runOptions, ...commonOptions } : commonOptions),
    '',
  ].join('\n');
}

function example([command, does]: readonly [string, string]): string[] {
  return command.length + does.length + 6 > width
    ? [`  ${command}`, `      # ${does}`]
    : [`  ${command}  # ${does}`];
}

/** How an option is written, with its value. */
export function optionUsage(name: string, option: OptionRow): string {
  const value = option.value ?? option.choices?.join('|');
  return `${option.short ? `-${option.short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
}

function optionRows(options: { readonly [name: string]: OptionRow }): string[] {
  return Object.entries(options).map(([name, option]) => row(optionUsage(name, option), option.help, 26));
}

/** Two columns; a first one too long for its column has a line of its own. */
function row(left: string, right: string, column: number): string {
  const indent = ' '.repeat(column + 2);
  const lines = wrap(right, 0, width - column - 2).map((line) => indent + line);
  if (left.length + 1 > column) return [`  ${left}`, ...lines].join('\n');
  lines[0] = `  ${left}`.padEnd(column + 2) + lines[0]!.slice(column + 2);
  return lines.join('\n');
}

function wrap(text: string, hanging: number, columns = width): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = ' '.repeat(hanging) + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
