/** What `converge --help` prints: every verb with its options and examples, within 80 columns. */
import type { Verb } from './arguments.ts';
import { commonOptions, type OptionRow, type VerbOptionRow, verbOptions } from './options.ts';

interface VerbHelp {
  readonly usage: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  readonly text: string;
  /** Each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
}

export const verbHelp: { readonly [verb in Verb]: VerbHelp } = {
  highstate: {
    usage: 'converge highstate [--test] [options]',
    summary: 'Make this node match what the top file assigns to it.',
    text: 'Reads the top file, renders and compiles the SLS it names for this node, and applies their states in order. Nothing is touched unless everything compiles.',
    examples: [
      ['converge highstate --test', 'show what would change, and touch nothing'],
      ['converge highstate', 'apply it'],
      ['converge highstate --output quiet', 'for cron: silent unless something changed or failed'],
      ['converge highstate --test --detailed-exitcode', 'exit with 2 when changes are pending'],
      ['converge highstate --states ./states --pillar ./pillar --root /mnt/image', 'converge an image'],
    ],
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
  },
  lint: {
    usage: 'converge lint [SLS…] [options]',
    summary: 'Find what is wrong with the tree, without touching a host.',
    text: 'Renders and compiles and reports everything that can be known without a host: template and YAML errors, unknown states and arguments, requisites that lead nowhere, a pillar that is not what a state tree takes. With --grains the tree is checked for another host.',
    examples: [
      ['converge lint', 'check the whole tree'],
      ['converge lint --grains test/hosts/db1.yaml --id db1', 'as another node would see it'],
      ['converge lint --json', 'errors for an editor or a pipeline'],
    ],
  },
  'list-states': {
    usage: 'converge list-states [PATTERN…]',
    summary: 'List the states that an SLS may use.',
    text: 'One line per state with what holds after it was applied.',
    examples: [
      ['converge list-states', 'all states'],
      ["converge list-states 'file.*'", 'one family'],
    ],
  },
  status: {
    usage: 'converge status [--json]',
    summary: 'Tell at a glance how this node is.',
    text: 'The last run and the last good one, what failed, what is owed, what drifts; for people, and by its exit code (0, or 1 when something is wrong) for monitoring.',
    examples: [
      ['converge status', 'a few lines'],
      ['converge status --json', 'for monitoring'],
    ],
  },
  watch: {
    usage: 'converge watch [--once] [options]',
    summary: 'Stay awake, and converge what an event concerns, at once.',
    text: 'Converges once, and then whenever a beacon says that something may have changed: a file, a unit, a record of the DNS, the tree. Beacons and what they lead to are told in the pillar, below "beacons" and "reactor". As a service it is set up by the state schedule.watch.',
    examples: [
      ['converge watch', 'in the foreground, until Ctrl-C'],
      ['converge watch --once', 'look at everything once, and leave'],
    ],
  },
  pause: {
    usage: 'converge pause [--for TIME] [--reason TEXT]',
    summary: 'Leave this node as it is for a while.',
    text: 'Neither schedules nor converge watch change anything until the time is over; what people ask for by hand is done.',
    examples: [["converge pause --for 2h --reason 'new disk'", 'hands off for two hours']],
  },
  resume: {
    usage: 'converge resume',
    summary: 'End a pause.',
    text: 'What was missed meanwhile is made up for at once where converge watch runs, else by the next scheduled run.',
    examples: [['converge resume', 'go on']],
  },
  history: {
    usage: 'converge history [show RUN | diff RUN RUN]',
    summary: 'List the runs there were, and what they changed.',
    text: 'Runs are named by when they began; the beginning of a name will do, and so do last, last-1… "did not end" says that a run was killed, or that it runs now. Dry runs leave no trace.',
    examples: [
      ['converge history', 'one line per run'],
      ['converge history show last', 'what the last run changed, and what failed'],
      ['converge history diff last-1 last', 'how the last two runs differ'],
    ],
  },
  owed: {
    usage: 'converge owed',
    summary: 'List reactions that earlier runs owe.',
    text: 'A restart or command that a change calls for, and that a failure, a crash or a reboot prevented. The next run makes up for it, even though nothing changes then.',
    examples: [['converge owed', 'what the next run will make up for']],
  },
  owns: {
    usage: 'converge owns [NAME…]',
    summary: 'Tell which state answers for a file, a unit, a user…',
    text: 'Names are paths, or names of units, users, cron entries and the like; without any, everything that the last runs left is listed, and what was declared once and is no more.',
    examples: [
      ['converge owns /etc/motd', 'which state of which SLS writes it'],
      ['converge owns', 'all that converge looks after'],
    ],
  },
  'apply-plan': {
    usage: 'converge apply-plan FILE [options]',
    summary: 'Do exactly what a dry run has shown.',
    text: 'The plan is one that --test --out saved. If the tree, the pillar, the grains or what the host has would now lead to anything else, nothing is touched (exit code 3).',
    examples: [
      ['converge apply-plan plan.json', 'after somebody has read the plan'],
      ['converge highstate --test --out plan.json', 'makes one'],
    ],
  },
  confirm: {
    usage: 'converge confirm',
    summary: 'Keep what a run with --confirm has changed.',
    text: 'Such a run is taken back when its time is over, whatever became of it: what it wrote is put back, and the services it touched are restarted. With this it stays.',
    examples: [
      ['converge confirm', 'from a fresh login: it works, keep it'],
      ['converge highstate --confirm 120', 'the run before'],
    ],
  },
  rollback: {
    usage: 'converge rollback RUN [--test] [--force]',
    summary: 'Take back what a run has changed.',
    text: 'Files, folders, links, accounts, cron entries and units are put back as they were before the run. What cannot be undone is listed before anything is touched. The next highstate will do it all again, unless the tree is changed too.',
    examples: [
      ['converge rollback last --test', 'show what that would do'],
      ['converge rollback 20261122-2359', 'take back one run'],
    ],
  },
  restore: {
    usage: 'converge restore PATH… [--run RUN] [--test] [--force]',
    summary: 'Put back a file as it was before a run.',
    text: 'Content, owner, mode and links, out of the copies that every run keeps of what it replaces or removes.',
    examples: [
      ['converge restore /etc/ssh/sshd_config', 'as it was before the last run that changed it'],
      ['converge restore /etc/motd --run last-1', 'as it was before that run'],
    ],
  },
  pillar: {
    usage: 'converge pillar get|encrypt|decrypt|edit|rotate|recipients|keygen [NAME…]',
    summary: 'Look at the pillar, and keep the secrets in it encrypted.',
    text: [
      'get PATH…: values at colon paths; a secret is masked unless --reveal is given.',
      'encrypt FILE…: encrypts every value tagged !secret that is still plain text, in its place. Without a file: a value that is typed in (unseen) or piped in, as a block to put into a file. A file whose name ends in .age, or with --whole: all of it.',
      'decrypt [FILE]: prints a file with its secrets in plain text, or a block from stdin.',
      'edit FILE: opens a file with its secrets in plain text in $EDITOR; what was changed is encrypted anew, the rest stays as it is. One that ends in .age need not exist yet.',
      'rotate FILE…: encrypts every secret anew, for those who are recipients now.',
      'recipients: prints the public key of this node, and those in recipients.txt of the pillar.',
      'keygen: makes the identity of this node, where it has none.',
    ].join('\n'),
    examples: [
      ['converge pillar keygen', 'give this node an identity'],
      ['converge pillar encrypt pillar/db.yaml', 'encrypt what is tagged !secret in it'],
      ['converge pillar edit pillar/db.yaml', 'change a secret'],
      ['converge pillar get couchdb:admin_password --reveal', 'see one'],
    ],
  },
  dns: {
    usage: 'converge dns explain [SERVICE…]',
    summary: 'Tell which members a service has, and why.',
    text: 'Asks every resolver for the SRV records of the services and for the addresses behind them, and shows each answer and what is made of it: what counts, what is missing and kept, and until when. Services are named as in templates (app, or _app._tcp.example.org); without any, those that earlier runs asked for. Nothing is kept of it.',
    examples: [
      ['converge dns explain', 'all services that the last runs used'],
      ['converge dns explain app', 'one'],
    ],
  },
  doctor: {
    usage: 'converge doctor secrets',
    summary: 'Look for what should not be: secrets in the open.',
    text: 'Looks for the values of the secrets of the pillar in logs, in the history, in files that everybody may read, and in the command lines of running processes. Exit code 1 when one is found.',
    examples: [['converge doctor secrets', 'where a secret lies open, by its name']],
  },
};

export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'The node matches its description (or a dry run went well).'],
  [1, 'A state failed.'],
  [2, 'Changes are pending (a dry run with --detailed-exitcode).'],
  [3, 'The states or the pillar do not compile; nothing was touched.'],
  [4, 'Another run holds the lock.'],
  [64, 'The command line is wrong.'],
  [70, 'A bug of converge, or a machine that does not let it go on.'],
  [130, 'Stopped by SIGINT (143: by SIGTERM), with a report of what was done.'],
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
    ...Object.values(verbHelp).flatMap(({ examples }) => example(examples[0]!)),
    '',
    'Options, before or after the verb ("--" ends them)',
    ...optionRows({ ...verbOptions, ...commonOptions }),
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
    ...optionRows({ ...optionsOfVerb(verb), ...commonOptions }),
    '',
  ].join('\n');
}

/** Those that not every verb takes. */
export function optionsOfVerb(verb: Verb): { readonly [name: string]: VerbOptionRow } {
  return Object.fromEntries(
    Object.entries<VerbOptionRow>(verbOptions).filter(([, { verbs }]) => verbs.includes(verb)),
  );
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
