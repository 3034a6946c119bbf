/** test.succeed_without_changes: holds always. */
import { defineState } from '../../core/state.ts';
import { comment, watchFired } from './_pretend.ts';

export default defineState({
  summary: 'the state succeeds and nothing changes',
  properties: { comment },
  anyArguments: true,
  examples: [
    {
      title: 'a state that is always fine',
      sls: `fine:
  test.succeed_without_changes:
    - comment: All is well.
`,
    },
  ],
  read() {},
  plan: (args) => ({ steps: [], comment: args.comment ?? 'Success!' }),
  react: watchFired,
});
