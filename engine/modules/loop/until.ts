/** loop.until: a function answers as an expression wants it. */
import { defineState } from '../../core/state.ts';
import { dictOf, nameProperty, pauseProperties, planLoop, readLoop } from './_until.ts';

export default defineState({
  summary: 'the answer of the function meets the condition',
  description: `Calls a [function of the templates](../template-functions.md) (\`salt['service.status']('sshd')\`) again and again until an expression about
its answer holds, or the time is over. It changes nothing: it is a guard for other states to require. An error of the
function or of the condition counts as an answer that is not good enough yet, and the last one is told.

Unlike Salt: the condition of loop.until is an expression of Jinja, not of Python; \`m_ret is True\` (and \`False\`,
\`None\`) is understood, \`len(m_ret)\` is written \`m_ret | length\`.

Unlike Salt: loop.until calls the functions that templates have, which only look, and an error does not end it early.

Unlike Salt: loop.until calls the function once in a dry run; a condition that is not met then is unknown until applied.`,
  properties: {
    ...nameProperty,
    m_args: { type: ['array', 'null'], description: 'Arguments of the function, in order.' },
    m_kwargs: { type: ['object', 'null'], ordered: true, description: 'Arguments of the function, by name.' },
    condition: {
      type: 'string',
      minLength: 1,
      description: 'The expression; `m_ret` in it is what the function answers.',
    },
    ...pauseProperties,
  },
  required: ['condition'],
  examples: [
    {
      title: 'until a file is there',
      sls: `the application has written its socket:
  loop.until:
    - name: file.file_exists
    - m_args:
      - /run/app/ready
    - condition: m_ret
    - period: 1
    - timeout: 30
`,
    },
    {
      title: 'until a command says so, asked less and less often',
      sls: `the cluster is complete:
  loop.until:
    - name: cmd.run_stdout
    - m_args: [clusterctl members]
    - condition: (m_ret.splitlines() | length) >= 3
    - timeout: 300
    - backoff: 1.5
`,
    },
  ],
  read: ({ name, m_args, m_kwargs, condition }, reader, place) =>
    readLoop(
      { name, args: m_args ?? [], kwargs: dictOf(m_kwargs), condition: jinja(condition) },
      reader,
      place,
    ),
  plan: (args, now) => planLoop(args, now, args.condition),
});

/** Python's `is True` is Jinja's `is true`. What is quoted stays. */
function jinja(condition: string): string {
  return condition.replace(
    /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\bis\s+(?:not\s+)?(?:True|False|None)\b/g,
    (found) => (/^['"]/.test(found) ? found : found.toLowerCase()),
  );
}
