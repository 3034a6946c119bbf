/** cron.pruned: the crontab of a user holds no job of a state that is no longer declared. */
import { defineState, type Plan } from '../../core/state.ts';
import { installStep, linesIn, own, readCrontab, userProperty } from './_crontab.ts';
import { declaredFor, declarePruned, wasPruned } from './_declared.ts';
import { entriesOf, noIdentifier, withoutEntries } from './_entries.ts';

export default defineState({
  summary: 'no job is left in the crontab of the user whose state is gone',
  description: `
Removes every job that carries an identifier and that no cron.present of this run declared before. Lines that people
wrote are never touched. Let it run last (\`order: last\`); a cron.present that comes after it is refused.

It goes by what was declared in this very run: a job is removed, too, while its state is left out by \`onlyif\` or
\`unless\`, or was skipped because something it requires failed. So keep it in the SLS (or the top file) that all jobs of
the user come from, and out of those that are applied alone. \`keep\` names identifiers that are spared.

Salt has no such state.`,
  properties: {
    ...userProperty,
    keep: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Identifiers of jobs that stay, though this run does not declare them.',
    },
  },
  examples: [
    {
      title: 'one job, and no other that this tree ever made',
      sls: `report:
  cron.present:
    - name: /usr/local/bin/report
    - special: '@weekly'

jobs of former states:
  cron.pruned:
    - user: root
    - order: last
`,
    },
  ],
  read: (args, reader) => ({
    crontab: readCrontab(args.user, reader),
    declared: declaredFor(args.user, reader),
    done: wasPruned(args.user, reader),
  }),
  plan({ user, keep }, { crontab, declared, done }): Plan {
    const steps = done ? [] : [declarePruned(user)];
    const kept = new Set([...declared.keys(), ...keep].map((id) => own(id, crontab)));
    const lines = linesIn(crontab);
    const stale = entriesOf(lines).filter(
      ({ identifier }) => identifier !== undefined && identifier !== noIdentifier && !kept.has(identifier),
    );
    if (stale.length === 0)
      return { steps, comment: `The crontab of ${user} holds no job of a former state.` };
    if (crontab.obstacle) return crontab.obstacle;
    const changes = stale.map((one) => ({
      subject: `job ${one.identifier}`,
      old: `${one.schedule.join(' ')} ${one.command}`,
    }));
    return { steps: [...steps, installStep(crontab, withoutEntries(lines, stale), changes)] };
  },
});
