/** cmd.wait: a command is run when something it watches changed. */
import { defineState } from '../../core/state.ts';
import { judge } from './_command.ts';
import { planRun, readRun, runProperties } from './_run.ts';

export default defineState({
  summary: 'the command is run whenever something it watches changed',
  description:
    'Without a `watch` that changed it does nothing. New trees rather use cmd.run with `onchanges`.',
  properties: runProperties,
  repeats: true,
  examples: [
    {
      title: 'aliases are compiled after they changed',
      sls: `newaliases:
  cmd.wait:
    - watch:
        - file: /etc/aliases

/etc/aliases:
  file.managed:
    - contents: "postmaster: root"
    - makedirs: true
`,
    },
  ],
  read: readRun,
  plan: () => ({ steps: [], comment: '' }),
  react: (args, now, taken) => (taken.length > 0 ? [] : planRun(args, now)),
  judge,
});
