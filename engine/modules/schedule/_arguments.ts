/** What schedule.present takes, and the job that it stands for. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common, Refusal } from '../../core/state.ts';
import type { Job } from './_files.ts';

const span = { type: ['string', 'integer'] } as const;

export const properties = {
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
  every: {
    ...span,
    description:
      'When, as a span such as `15min`: at moments that are always the same on this node, and others on another. 15min for `converge` unless a time is given.',
  },
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
    description:
      'A file in /etc/cron.d, or a timer of systemd. `auto` is cron where it is installed and can do what is asked for, else a timer.',
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

export type Arguments = ArgumentsOf<typeof properties> & Common;

const programs = ['/usr/local/bin/converge', '/usr/bin/converge', '/opt/converge/converge'];

export function jobOf(args: Arguments, reader: Reader): Job {
  const program = programOf(args, reader);
  const words = args.converge === undefined ? [] : withCause([args.converge].flat());
  const node = String(reader.grain('id') ?? reader.content('/etc/machine-id') ?? '');
  return {
    title: args.description ?? args.name,
    command: args.command ?? [program, ...words].map(quoted).join(' '),
    user: args.user,
    cron: args.cron,
    every: everyOf(args),
    calendar: args.calendar,
    splay: args.splay,
    splayKind: args.splay_kind,
    persistent: args.persistent,
    seed: `${node}\0${args.name}`,
  };
}

/** Where converge is. */
export function programOf({ program }: { readonly program?: string }, reader: Reader): string {
  return program ?? programs.find((at) => reader.stat(at)) ?? programs[0]!;
}

function everyOf({ every, cron, calendar, converge }: Arguments): string | number | undefined {
  const timeless = every === undefined && cron === undefined && calendar === undefined;
  return timeless && converge !== undefined ? '15min' : every;
}

/** The history of runs tells who asked for one, and nobody is written to of a run in which nothing happened. */
function withCause(words: readonly string[]): readonly string[] {
  if (!['highstate', 'apply', 'single'].includes(words[0] ?? '')) return words;
  const told = (...options: string[]) => words.some((word) => options.includes(word.split('=')[0]!));
  return [
    ...words,
    ...(told('--output', '--json') ? [] : ['--output', 'quiet']),
    ...(told('--cause') ? [] : ['--cause', 'schedule']),
  ];
}

/** A word of a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function refuseArguments(args: Arguments, reader: Reader): Refusal | undefined {
  if ((args.command === undefined) === (args.converge === undefined)) {
    return { refused: 'Exactly one of command and converge has to be given.', certain: true };
  }
  const times = [args.cron, args.every, args.calendar].filter((one) => one !== undefined);
  if (times.length > 1 || (times.length === 0 && args.converge === undefined)) {
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
