/** schedule.present: a command runs again and again, by cron or by a timer of systemd. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { cronFile, type Job, namesOf, type TimerFiles, timerFiles } from './_files.ts';
import {
  daemonReloadStep,
  type Found,
  findJob,
  removeSteps,
  verbStep,
  withoutTimer,
  writeStep,
} from './_steps.ts';

const span = { type: ['string', 'integer'] } as const;

const properties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'What the job is known by; its files are named after it.',
  },
  command: { type: 'string', minLength: 1, description: 'The command, run by /bin/sh.' },
  converge: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Arguments of converge, such as `highstate`, instead of `command`.',
  },
  program: {
    type: 'string',
    description: 'Path of converge; unless given, it is looked for in the usual places.',
  },
  cron: {
    type: 'string',
    description: "When, as crontab(5) has it: five fields such as `'*/15 * * * *'`, or `@daily`.",
  },
  every: { ...span, description: 'When, as a span such as `15min`; counted from the start of the timer.' },
  calendar: {
    type: 'string',
    minLength: 1,
    description: 'When, as systemd.time(7) has it. Only for timers.',
  },
  splay: {
    ...span,
    description: 'Each run is put off by up to this span, so that not all nodes run at the same moment.',
  },
  splay_kind: {
    type: 'string',
    enum: ['stable', 'random'],
    default: 'stable',
    description: '`stable`: by the same time at every run of this node; `random`: by another one each time.',
  },
  with: {
    type: 'string',
    enum: ['auto', 'cron', 'timer'],
    default: 'auto',
    description: 'A file in /etc/cron.d, or a timer; `auto` is a timer where systemd runs.',
  },
  user: { type: 'string', minLength: 1, default: 'root', description: 'Who the command runs as.' },
  persistent: {
    type: 'boolean',
    default: false,
    description:
      'Make up for a run that was missed while the node was off. Only for timers with a calendar or cron time.',
  },
  description: { type: 'string', description: 'What the job is for; its name unless given.' },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly found?: Found;
  readonly wanted: string | TimerFiles | Refusal;
  readonly crond: boolean;
}

const programs = ['/usr/local/bin/converge', '/usr/bin/converge', '/opt/converge/converge'];

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const asTimer = args.with === 'timer' || (args.with === 'auto' && hasSystemd(reader));
  const crond = reader.stat('/etc/cron.d') !== undefined;
  const refusal = refuseArguments(args, reader);
  if (refusal) return { wanted: refusal, crond };
  const job = jobOf(args, reader);
  const wanted = asTimer ? timerFiles(job) : cronFile(job);
  const found = await findJob(namesOf(args.name), reader, asTimer);
  if (
    typeof wanted === 'object' &&
    'timer' in wanted &&
    wanted.timer !== found.texts[found.names.timerFile]
  ) {
    const wrong = await refuseCalendar(args.calendar, reader);
    if (wrong) return { wanted: wrong, crond };
  }
  return { found, wanted, crond };
}

function hasSystemd(reader: Reader): boolean {
  const places = reader.rooted
    ? ['/usr/lib/systemd/systemd', '/lib/systemd/systemd']
    : ['/run/systemd/system'];
  return places.some((at) => reader.stat(at));
}

function jobOf(args: Arguments, reader: Reader): Job {
  const program = args.program ?? programs.find((at) => reader.stat(at)) ?? programs[0]!;
  const words = args.converge === undefined ? [] : [args.converge].flat();
  const node = String(reader.grain('id') ?? reader.content('/etc/machine-id') ?? '');
  return {
    title: args.description ?? args.name,
    command: args.command ?? [program, ...words].map(quoted).join(' '),
    user: args.user,
    cron: args.cron,
    every: args.every,
    calendar: args.calendar,
    splay: args.splay,
    splayKind: args.splay_kind,
    persistent: args.persistent,
    seed: `${node}\0${args.name}`,
  };
}

/** A word of a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function refuseArguments(args: Arguments, reader: Reader): Refusal | undefined {
  if ((args.command === undefined) === (args.converge === undefined)) {
    return { refused: 'Exactly one of command and converge has to be given.', certain: true };
  }
  const times = [args.cron, args.every, args.calendar].filter((one) => one !== undefined);
  if (times.length !== 1) {
    return { refused: 'Exactly one of cron, every and calendar has to be given.', certain: true };
  }
  const texts = [
    args.name,
    args.command,
    args.description,
    args.calendar,
    args.cron,
    args.program,
    args.converge,
  ];
  if (texts.flat().some((text) => text !== undefined && /[\n\r\0]/.test(text))) {
    return {
      refused: 'No argument of a job can hold a newline.',
      hint: 'Put the command into a script.',
      certain: true,
    };
  }
  if (args.description?.endsWith('\\') || args.name.endsWith('\\')) {
    return { refused: 'A description cannot end in a backslash.', certain: true };
  }
  if (/[\s%:]/.test(args.user)) {
    return { refused: `"${args.user}" cannot be the name of a user.`, certain: true };
  }
  if (args.user !== 'root' && reader.user(args.user) === undefined) {
    return {
      refused: `There is no user "${args.user}".`,
      hint: 'Require the user.present state that makes the user.',
    };
  }
  return undefined;
}

/** Only asked where the timer changes. */
async function refuseCalendar(calendar: string | undefined, reader: Reader): Promise<Refusal | undefined> {
  if (calendar === undefined || reader.rooted || !reader.stat('/usr/bin/systemd-analyze')) return undefined;
  const outcome = await reader.probe({ argv: ['systemd-analyze', 'calendar', '--', calendar] });
  if (outcome.status === 0 || outcome.status === 127) return undefined;
  return {
    refused: `"${calendar}" is no calendar of systemd: ${outcome.stderr.trim()}.`,
    hint: 'See systemd.time(7), for example "Mon..Fri 03:00".',
    certain: true,
  };
}

function plan(_: Arguments, { found, wanted, crond }: Now): Plan {
  if (typeof wanted === 'object' && 'refused' in wanted) return wanted;
  const { names } = found!;
  if (typeof wanted === 'string') {
    if (!crond) {
      return {
        refused: 'There is no /etc/cron.d here.',
        hint: 'Install the package cron (Debian) or cronie (RHEL, SUSE) in an earlier state.',
      };
    }
    const write = writeStep(names.cronFile, wanted, found!);
    return [...withoutTimer(found!), ...(write ? [write] : [])];
  }
  return [...removeSteps([names.cronFile], found!), ...timerSteps(wanted, found!)];
}

function timerSteps(wanted: TimerFiles, found: Found): Step[] {
  const { names, rooted } = found;
  const timer = found.timer!;
  const files = [
    writeStep(names.serviceFile, wanted.service, found),
    writeStep(names.timerFile, wanted.timer, found),
  ].filter((step) => step !== undefined);
  const steps = [...files];
  if (!rooted && (files.length > 0 || timer.needDaemonReload)) steps.push(daemonReloadStep(found, 'loaded'));
  if (timer.enabled !== 'enabled') {
    steps.push(
      verbStep(names.timer, 'enable', { subject: 'enablement', old: timer.enabled, new: 'enabled' }),
    );
  }
  if (rooted) return steps;
  const old = timer.active;
  const renewed = found.texts[names.timerFile] !== wanted.timer || timer.needDaemonReload;
  if (old !== 'active') steps.push(verbStep(names.timer, 'start', { subject: 'state', old, new: 'active' }));
  else if (renewed) {
    steps.push(verbStep(names.timer, 'restart', { subject: 'state', old, new: 'restarted' }));
  }
  return steps;
}

export default defineState({
  summary: 'this command runs at these times',
  description: `
The job is a timer and a service of systemd, or a file in /etc/cron.d; whichever it was before goes away. The command is
handed to /bin/sh as it is written: \`%\` and \`$\` mean what they mean to the shell.

A timer runs the command without delay where the run before it took too long, and never twice at a time; cron starts it
whether it still runs or not. What a timer's command prints is in the journal of \`converge-NAME.service\`.

Unlike Salt: schedule.present lets the node's own cron or systemd run a command; there is no scheduler in converge, so it
takes no \`function\`, \`job_args\`, \`returner\` and the like.`,
  properties,
  examples: [
    {
      title: 'converge itself, every quarter of an hour, each node at a time of its own',
      sls: `converge regularly:
  schedule.present:
    - converge: highstate
    - cron: '*/15 * * * *'
    - splay: 10min
`,
    },
    {
      title: 'a command as another user, at a time of the calendar of systemd',
      sls: `report:
  schedule.present:
    - command: /usr/local/bin/report "$(date +%F)"
    - user: nobody
    - calendar: Mon..Fri 06:30
    - with: timer
    - persistent: true
`,
    },
  ],
  needs: (args) => (args.with === 'cron' ? [] : [{ kind: 'unit', name: namesOf(args.name).timer }]),
  read,
  plan,
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
