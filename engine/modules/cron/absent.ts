/** cron.absent: a job is not in the crontab of a user. */
import { defineState, type Plan } from '../../core/state.ts';
import { type Crontab, installStep, linesIn, own, readCrontab, userProperty } from './_crontab.ts';
import { entriesOf, noIdentifier, withoutEntries } from './_entries.ts';
import { identifierProperty } from './_find.ts';

const anything = {
  description: 'Accepted, so that cron.present can be made cron.absent; it does not matter.',
} as const;

const ignored = {
  minute: anything,
  hour: anything,
  daymonth: anything,
  month: anything,
  dayweek: anything,
  comment: anything,
  commented: anything,
} as const;

export default defineState({
  summary: 'this job is not in the crontab of the user',
  description: `
Jobs are found by \`identifier\`, or else by the ID of the state; and by their command, where they carry no identifier
or the command itself as one (Salt's default). What else a crontab holds stays as it is.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'The command, unless `identifier` or the ID tell the job.',
    },
    ...userProperty,
    ...ignored,
    identifier: identifierProperty,
    special: {
      type: ['string', 'null'],
      description: 'Only a job with this special time, such as `@daily`.',
    },
  },
  examples: [
    {
      title: 'a job by its identifier',
      sls: `old backup:
  cron.absent:
    - identifier: nightly backup
    - user: root
`,
    },
    { title: 'a job by its command', sls: '/usr/local/bin/greet:\n  cron.absent\n' },
  ],
  read: (args, reader, place) => ({ crontab: readCrontab(args.user, reader), id: place.id }),
  plan(args, { crontab, id }: { crontab: Crontab; id: string }): Plan {
    if (crontab.text === undefined) return { steps: [], comment: `${args.user} has no crontab.` };
    const lines = linesIn(crontab);
    const command = own(args.name.replace(/^[ \t]+|[ \t]+$/g, ''), crontab);
    const known = own(args.identifier || id, crontab);
    const entries = entriesOf(lines).filter(
      (one) =>
        (one.identifier === known ||
          (one.command === command && [undefined, noIdentifier, command].includes(one.identifier))) &&
        (!args.special || one.schedule[0] === args.special),
    );
    if (entries.length === 0) return { steps: [], comment: `The job is not in the crontab of ${args.user}.` };
    if (crontab.obstacle) return crontab.obstacle;
    const changes = entries.map((one, index) => ({
      subject: entries.length > 1 ? `job ${index + 1}` : 'job',
      old: `${one.schedule.join(' ')} ${one.command}`,
    }));
    return [installStep(crontab, withoutEntries(lines, entries), changes)];
  },
});
