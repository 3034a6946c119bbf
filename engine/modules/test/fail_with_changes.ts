/** test.fail_with_changes: claims a change and fails. */
import { defineState } from '../../core/state.ts';
import { comment, pretended, watchFired } from './_pretend.ts';

export default defineState({
  summary: 'the state fails after it claimed a change',
  description: 'It touches nothing. A dry run predicts the change only: the failure comes as a surprise.',
  properties: { comment },
  anyArguments: true,
  repeats: true,
  examples: [
    {
      title: 'what follows a failure half way',
      sls: `half-way:
  test.fail_with_changes:
    - comment: The disk is full.
`,
    },
  ],
  read() {},
  plan: (args) => [
    pretended,
    {
      effect: { kind: 'simulate', outcome: 'failed', surprise: true, comment: args.comment ?? 'Failure!' },
    },
  ],
  react: watchFired,
});
