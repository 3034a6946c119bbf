/** cron.env_present: a variable in the crontab of a user. */
import { defineState, type Plan } from '../../core/state.ts';
import { installStep, linesIn, own, readCrontab, refuseLines, userProperty } from './_crontab.ts';
import { firstJob, settingsOf, unquoted } from './_entries.ts';

export default defineState({
  summary: 'this variable is set for all jobs of the crontab',
  description: `
The variable is set once, above all jobs: one that stands below a job, or a second one, moves there. Quotes around a
value are no difference.

Unlike Salt: cron.env_present changes a variable wherever it stands in the crontab, not only below the line that Salt
puts above its own, and it puts a new one above all jobs.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The variable, such as MAILTO or PATH.' },
    value: {
      type: ['string', 'number', 'boolean', 'null'],
      description: 'Its value; empty unless given.',
    },
    ...userProperty,
  },
  examples: [
    {
      title: 'where the output of the jobs is mailed to',
      sls: `MAILTO:
  cron.env_present:
    - value: ops@example.com
    - user: root
`,
    },
  ],
  owns: ({ name, user }) => [
    { kind: 'cron', name: `${user}: ${name}=`, absent: { state: 'cron.env_absent', args: { name, user } } },
  ],
  read: (args, reader) => readCrontab(args.user, reader),
  plan(args, crontab): Plan {
    const { name } = args;
    const value = String(args.value ?? '');
    const wrong = refuseLines('A value of cron', value) ?? crontab.obstacle;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      return { refused: `"${name}" cannot be the name of a variable.`, certain: true };
    }
    if (wrong) return wrong;
    const lines = linesIn(crontab);
    const settings = settingsOf(lines).filter((one) => one.name === name);
    const [first, ...more] = settings;
    const wanted = own(value, crontab);
    const same = first !== undefined && (first.value === wanted || unquoted(first.value) === wanted);
    const above = first !== undefined && first.at < firstJob(lines);
    if (same && above && more.length === 0) {
      return { steps: [], comment: `${name} is set in the crontab of ${args.user}.` };
    }
    const line = same ? lines[first.at]! : `${name}=${written(wanted)}`;
    const kept = above ? settings.slice(1) : settings;
    const left = lines.map((one, at) => (above && at === first.at ? line : one));
    const rest = left.filter((_, at) => !kept.some((one) => one.at === at));
    const at = firstJob(rest);
    const next = above ? rest : [...rest.slice(0, at), line, ...rest.slice(at)];
    const change = same
      ? {
          subject: `place of ${name}`,
          old: `line ${settings.map((one) => one.at + 1).join(', ')}`,
          new: 'above all jobs',
        }
      : { subject: name, old: first && unquoted(first.value), new: value };
    return [installStep(crontab, next, [change])];
  },
});

/** crontab(5): blanks at the ends of a value only count within quotes. */
function written(value: string): string {
  return value === '' || value.trim() !== value ? `"${value}"` : value;
}
