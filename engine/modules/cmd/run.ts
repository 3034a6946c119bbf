/** cmd.run: a command is run each time. */
import { defineState } from '../../core/state.ts';
import { judge } from './_command.ts';
import { planRun, readRun, runProperties } from './_run.ts';

export default defineState({
  summary: 'the command is run',
  description: `It runs each time: guard it by \`creates\`, \`unless\`, \`onlyif\` or \`onchanges\`, so that a converged
node stays quiet. A dry run cannot know what it would do.

Salt: a cmd.run that fails still reports changes, so that states which react to it do react.

Unlike Salt: a cmd.run that runs out of time is ended with everything it started, first by SIGTERM and after five seconds by SIGKILL.`,
  properties: runProperties,
  repeats: true,
  examples: [
    {
      title: 'a command until its result is there',
      sls: `openssl dhparam -out /etc/ssl/dhparam.pem 2048:
  cmd.run:
    - creates: /etc/ssl/dhparam.pem
    - umask: "077"
`,
    },
    {
      title: 'a program and its words without a shell',
      sls: `greet:
  cmd.run:
    - cmd: [printf, "%s\\n", "no shell looks at $HOME or *"]
    - runas: nobody
    - cwd: /
    - env:
        - GREETING: hello
`,
    },
    {
      title: 'a script that tells itself whether it changed something',
      sls: `echo; echo "changed=no comment='nothing to do'":
  cmd.run:
    - stateful: true
`,
    },
  ],
  read: readRun,
  plan: (args, now) => (now.pending ? planRun(args, now) : { steps: [], comment: 'No changes made' }),
  react: (args, now, taken) => (taken.length > 0 ? [] : planRun(args, now)),
  judge,
});
