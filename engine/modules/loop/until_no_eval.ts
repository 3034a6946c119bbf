/** loop.until_no_eval: a function answers what is expected. */
import { defineState } from '../../core/state.ts';
import { fromPlain } from '../../core/value.ts';
import { dictOf, nameProperty, pauseProperties, planLoop, readLoop } from './_until.ts';

/** Python's `operator` → the expression of Jinja. */
const comparisons: { readonly [operator: string]: string | undefined } = {
  lt: 'm_ret < expected',
  le: 'm_ret <= expected',
  eq: 'm_ret == expected',
  ne: 'm_ret != expected',
  ge: 'm_ret >= expected',
  gt: 'm_ret > expected',
  contains: 'expected in m_ret',
};

export default defineState({
  summary: 'the answer of the function compares to the expected value as wanted',
  description: `Calls a [function of the templates](../template-functions.md) again and again until its answer compares as wanted to a value, or the time
is over. It changes nothing: it is a guard for other states to require.

Unlike Salt: loop.until_no_eval goes on after an error of the function, and calls only functions that look.

Unlike Salt: loop.until_no_eval looks once before \`init_wait\`, and does not wait at all where nothing is left to wait for.
A dry run does not wait either: an answer that is not the expected one is unknown until applied.`,
  properties: {
    ...nameProperty,
    expected: { ordered: true, description: 'The value to compare the answer with.' },
    compare_operator: {
      type: 'string',
      pattern: '^\\w+(\\.\\w+)?$',
      default: 'eq',
      description:
        'How to compare answer and value: `eq`, `ne`, `lt`, `le`, `ge`, `gt`, `contains`, or a function of the templates that is called with both.',
    },
    args: { type: ['array', 'null'], description: 'Arguments of the function, in order.' },
    kwargs: { type: ['object', 'null'], ordered: true, description: 'Arguments of the function, by name.' },
    init_wait: {
      type: 'number',
      minimum: 0,
      maximum: 86_400,
      default: 0,
      description: 'Seconds before the waiting begins; they do not count for `timeout`.',
    },
    ...pauseProperties,
  },
  required: ['expected'],
  examples: [
    {
      title: 'until a command succeeds',
      sls: `the database takes queries:
  loop.until_no_eval:
    - name: cmd.retcode
    - args:
      - pg_isready -q
    - expected: 0
    - timeout: 60
    - period: 2
`,
    },
    {
      title: 'until a file is small enough',
      sls: `the queue is short:
  loop.until_no_eval:
    - name: cmd.run_stdout
    - args: [queuectl length]
    - compare_operator: contains
    - expected: empty
    - init_wait: 5
`,
    },
  ],
  read({ name, args, kwargs, expected, compare_operator }, reader, place) {
    const condition = comparisons[compare_operator] ?? `salt['${compare_operator}'](m_ret, expected)`;
    const variables = { expected: fromPlain(expected) };
    return readLoop({ name, args: args ?? [], kwargs: dictOf(kwargs), condition, variables }, reader, place);
  },
  plan: (args, now) =>
    planLoop(args, now, `${args.name} ${args.compare_operator} ${JSON.stringify(plain(args.expected))}`),
});

function plain(value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
