/** test.fail_without_changes: fails each time, in a dry run too. */
import { defineState } from '../../core/state.ts';
import { comment, watchFired } from './_pretend.ts';

export default defineState({
  summary: 'the state fails and nothing changes',
  description:
    'Stops what requires it; with a condition beside it (`unless`, `onlyif`) it says what a node lacks.',
  properties: { comment },
  anyArguments: true,
  repeats: true,
  examples: [
    {
      title: 'a node that must not be used',
      sls: `not-this-node:
  test.fail_without_changes:
    - comment: This node has no certificate.
`,
    },
  ],
  read() {},
  plan: (args) => [{ effect: { kind: 'simulate', outcome: 'failed', comment: args.comment ?? 'Failure!' } }],
  react: watchFired,
});
