/** cron.env_absent: a variable is not set in the crontab of a user. */
import { defineState, type Plan } from '../../core/state.ts';
import { installStep, linesIn, readCrontab, userProperty } from './_crontab.ts';
import { settingsOf, unquoted } from './_entries.ts';

export default defineState({
  summary: 'this variable is not set in the crontab',
  properties: {
    name: { type: 'string', minLength: 1, description: 'The variable.' },
    ...userProperty,
  },
  examples: [
    { title: 'mail goes to the user again', sls: 'MAILTO:\n  cron.env_absent:\n    - user: root\n' },
  ],
  read: (args, reader) => readCrontab(args.user, reader),
  plan({ name, user }, crontab): Plan {
    const lines = linesIn(crontab);
    const settings = settingsOf(lines).filter((one) => one.name === name);
    if (settings.length === 0) return { steps: [], comment: `${name} is not set in the crontab of ${user}.` };
    if (crontab.obstacle) return crontab.obstacle;
    const left = lines.filter((_, at) => !settings.some((one) => one.at === at));
    return [installStep(crontab, left, [{ subject: name, old: unquoted(settings[0]!.value) }])];
  },
});
