/** cron.file: the whole crontab of a user, from a source. */

import type { Refusal } from '../../core/state.ts';
import { defineState, type Plan } from '../../core/state.ts';
import { type SourcedText, textFrom, textSourceProperties } from '../../core/text-source.ts';
import { type Crontab, installStep, readCrontab, userProperty } from './_crontab.ts';
import { linesOf } from './_entries.ts';

interface Now {
  readonly crontab: Crontab;
  readonly wanted: SourcedText | Refusal;
}

const { source: _, ...sourceProperties } = textSourceProperties;

export default defineState({
  summary: 'the crontab of the user is this file',
  description: `
The whole crontab is that of the source, so it goes ill together with cron.present for the same user. For files in
/etc/cron.d use file.managed.`,
  properties: {
    name: textSourceProperties.source,
    ...userProperty,
    ...sourceProperties,
    replace: {
      type: 'boolean',
      default: true,
      description: 'false: leave a crontab alone that is there already.',
    },
  },
  examples: [
    {
      title: 'a crontab of the file roots',
      sls: `salt://crontab.j2:
  cron.file:
    - user: root
    - template: jinja
`,
      files: { 'crontab.j2': 'MAILTO=""\n0 4 * * * /usr/local/bin/report {{ grains.id }}\n' },
    },
  ],
  owns: ({ user }) => [{ kind: 'crontab', name: user }],
  read(args, reader, place): Now | Promise<Now> {
    const crontab = readCrontab(args.user, reader);
    if (crontab.obstacle !== undefined) return { crontab, wanted: crontab.obstacle };
    const wanted = textFrom({ ...args, source: args.name }, reader, place);
    return wanted instanceof Promise ? wanted.then((one) => ({ crontab, wanted: one })) : { crontab, wanted };
  },
  plan({ user, replace }, { crontab, wanted }): Plan {
    if ('refused' in wanted) return wanted;
    if (crontab.text !== undefined && !replace) {
      return { steps: [], comment: `${user} has a crontab, and it is not to be replaced.` };
    }
    const lines = linesOf(wanted.text);
    const text = lines.map((line) => `${line}\n`).join('');
    const same = text === (crontab.text ?? '');
    const change = { subject: 'crontab', old: crontab.text, new: text, text: true };
    const changes = [...(same ? [] : [change]), ...crontab.unread];
    if (changes.length === 0) return { steps: [], comment: `The crontab of ${user} is in place.` };
    return [installStep({ ...crontab, encoding: 'utf8' }, lines, changes)];
  },
});
