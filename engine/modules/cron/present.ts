/** cron.present: a job in the crontab of a user. */
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Change, type Common, defineState, type Plan } from '../../core/state.ts';
import {
  type Crontab,
  installStep,
  linesIn,
  own,
  readCrontab,
  refuseLines,
  userProperty,
} from './_crontab.ts';
import { declare, declaredFor, wasPruned } from './_declared.ts';
import {
  type Entry,
  entriesOf,
  fields,
  holdsStamp,
  type Job,
  plainComment,
  withJob,
  withoutEntries,
} from './_entries.ts';
import { find, identifierProperty } from './_find.ts';
import { scheduleOf, scheduleProperties } from './_schedule.ts';

const properties = {
  name: { type: 'string', minLength: 1, description: 'The command, as cron is to run it.' },
  ...userProperty,
  ...scheduleProperties,
  comment: {
    type: 'string',
    description: 'Comment above the job. Left as it is unless given; empty removes it.',
  },
  commented: {
    type: 'boolean',
    default: false,
    description: 'Keep the job in the crontab, but switched off.',
  },
  identifier: identifierProperty,
} as const;

interface Now {
  readonly crontab: Crontab;
  readonly id: string;
  /** Tells this node from others. */
  readonly node: string;
  readonly declared: ReadonlyMap<string, string>;
  readonly tooLate: boolean;
}

type Arguments = ArgumentsOf<typeof properties> & Common;

function plan(args: Arguments, now: Now): Plan {
  const { crontab, declared } = now;
  const { user } = args;
  const command = args.name.replace(/^[ \t]+|[ \t]+$/g, '');
  // Several `names` of one state share its ID: from the second on each is known by its command, as in Salt.
  const taken = (declared.get(now.id) ?? command) !== command;
  const identifier = args.identifier || (taken ? command : now.id);
  const wrong =
    refuseLines('A command of cron', command) ?? refuseLines('An identifier', identifier) ?? crontab.obstacle;
  if (wrong) return wrong;
  if (holdsStamp(identifier) || holdsStamp(args.comment ?? '') || /[\r\0]/.test(args.comment ?? '')) {
    return { refused: 'A comment or identifier cannot hold the mark of an identifier.', certain: true };
  }
  if (command === '') return { refused: 'The command is empty.', certain: true };
  if ((declared.get(identifier) ?? command) !== command) {
    return {
      refused: `Another state of this run has the identifier "${identifier}" in the crontab of ${user}.`,
      hint: 'Give each job an identifier of its own.',
      certain: true,
    };
  }
  if (now.tooLate) {
    return {
      refused: `cron.pruned already removed the jobs of ${user} that were not declared before it.`,
      hint: 'Let cron.pruned run last: `order: last`.',
      certain: true,
    };
  }
  const schedule = scheduleOf(args, `${now.node}\0${user}\0${identifier}`);
  if ('refused' in schedule) return schedule;

  const known = own(identifier, crontab);
  const all = linesIn(crontab);
  const [, ...twins] = entriesOf(all).filter((one) => one.identifier === known);
  const lines = withoutEntries(all, twins);
  const wanted = { schedule, command: own(command, crontab) };
  const ids = args.identifier ? [args.identifier] : [identifier, command];
  const entry = find(entriesOf(lines), { ids: ids.map((id) => own(id, crontab)), ...wanted });
  const job: Job = {
    ...wanted,
    identifier: known,
    comment:
      args.comment === undefined ? entry?.comment : own(plainComment(args.comment), crontab) || undefined,
    commented: args.commented,
  };
  const changes = [
    ...changesOf(entry, job),
    ...twins.map((one) => ({ subject: 'second job', old: `${one.schedule.join(' ')} ${one.command}` })),
    ...crontab.unread,
  ];
  const steps = declared.has(identifier) ? [] : [declare(user, identifier, command)];
  const warnings = warningsOf(command);
  if (changes.length === 0) return { steps, warnings, comment: `The job is in the crontab of ${user}.` };
  return { steps: [...steps, installStep(crontab, withJob(lines, job, entry), changes)], warnings };
}

function changesOf(entry: Entry | undefined, job: Job): Change[] {
  if (entry === undefined) {
    return [{ subject: 'job', new: `${job.schedule.join(' ')} ${job.command}` }];
  }
  const changes: Change[] = [];
  function compare(subject: string, old: unknown, wanted: unknown): void {
    if (old !== wanted) changes.push({ subject, old, new: wanted });
  }
  if (entry.schedule.length === 5 && job.schedule.length === 5) {
    for (const [index, field] of fields.entries()) compare(field, entry.schedule[index], job.schedule[index]);
  } else compare('schedule', entry.schedule.join(' '), job.schedule.join(' '));
  compare('command', entry.command, job.command);
  compare('comment', entry.comment, job.comment);
  compare('commented', entry.commented, job.commented);
  compare('identifier', entry.identifier, job.identifier);
  return changes;
}

function warningsOf(command: string): string[] | undefined {
  // date +%F and the like; a % before anything else may well be meant.
  if (!/(?<!\\)%[A-Za-z]/.test(command)) return undefined;
  return [
    `cron ends the command at the first %, and hands on what follows as input: write \\% in "${command}".`,
  ];
}

export default defineState({
  summary: 'this job is in the crontab of the user',
  description: `
The job is known by its \`identifier\`, or else by the ID of the state, which stands in the comment above it: so command
and schedule may both change, and the job stays one. The comment is the one that Salt writes
(\`# SALT_CRON_IDENTIFIER:…\`), so a crontab that Salt managed is taken over as it is, and so is a line without such a
comment that says exactly the same. All other lines stay as they are. A crontab that
cron does not read, because of its owner or mode, is installed anew.

cron ends a command at the first \`%\`; write \`\\%\` for a percent sign.

Unlike Salt: in cron.present a job without \`identifier\` is known by the ID of its state, not by its command, so that a
changed command changes the job instead of adding a second one.

Unlike Salt: \`random\` in cron.present is worked out from the ID of the node, the user and the identifier of the job; it
is the same in every run, and a crontab that is lost comes back as it was.

Unlike Salt: cron.present leaves the comment of a job alone where none is given.`,
  properties,
  examples: [
    {
      title: 'a backup every night, at a minute that differs from node to node',
      sls: `nightly backup:
  cron.present:
    - name: /usr/local/bin/backup --all
    - user: root
    - minute: random
    - hour: 3
    - comment: All of /srv
`,
    },
    {
      title: 'a job that runs at each boot',
      sls: `/usr/local/bin/greet:
  cron.present:
    - identifier: greet
    - special: '@reboot'
`,
    },
  ],
  owns({ user, identifier }, { id }) {
    const known = identifier || id;
    const args = { name: known, user, identifier: known };
    return [{ kind: 'cron', name: `${user}: ${known}`, absent: { state: 'cron.absent', args } }];
  },
  read(args, reader, place): Now {
    return {
      crontab: readCrontab(args.user, reader),
      id: place.id,
      node: String(reader.grain('id') ?? reader.content('/etc/machine-id') ?? ''),
      declared: declaredFor(args.user, reader),
      tooLate: wasPruned(args.user, reader),
    };
  },
  plan,
});
