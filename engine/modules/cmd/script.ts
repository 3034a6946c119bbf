/** cmd.script: a script of the file roots is run each time. */
import { defineState } from '../../core/state.ts';
import { judge } from './_command.ts';
import { planScript, readScript, scriptProperties } from './_script.ts';

export default defineState({
  summary: 'the script is run',
  description: `It runs each time unless \`creates\`, \`unless\`, \`onlyif\` or \`onchanges\` hold it back. The script is kept for the
length of its run in a folder that only the user it runs as can look into. A first line such as
\`#!/usr/bin/python3\` decides what reads it; without one the shell does.`,
  properties: scriptProperties,
  repeats: true,
  examples: [
    {
      title: 'a script with arguments',
      sls: `set up the disk:
  cmd.script:
    - source: salt://scripts/set-up.sh
    - args: --quiet /srv
    - creates: /srv/.ready
`,
      files: { 'scripts/set-up.sh': '#!/bin/sh\ntouch "$2/.ready"\n' },
    },
  ],
  read: readScript,
  plan: planScript,
  react: (args, now, taken) => (taken.length > 0 ? [] : planScript(args, now)),
  judge,
});
