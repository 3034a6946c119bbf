/** cmd.wait_script: a script is run when something it watches changed. */
import { defineState } from '../../core/state.ts';
import { judge } from './_command.ts';
import { planScript, readScript, scriptProperties } from './_script.ts';

export default defineState({
  summary: 'the script is run whenever something it watches changed',
  description:
    'Without a `watch` that changed it does nothing. New trees rather use cmd.script with `onchanges`.',
  properties: scriptProperties,
  repeats: true,
  examples: [
    {
      title: 'a script after a file changed',
      sls: `salt://scripts/rebuild.sh:
  cmd.wait_script:
    - watch:
        - file: /etc/app.conf

/etc/app.conf:
  file.managed:
    - contents: "level = 3"
    - makedirs: true
`,
      files: { 'scripts/rebuild.sh': '#!/bin/sh\necho rebuilt\n' },
    },
  ],
  read: readScript,
  plan: () => ({ steps: [], comment: '' }),
  react: (args, now, taken) => (taken.length > 0 ? [] : planScript(args, now)),
  judge,
});
