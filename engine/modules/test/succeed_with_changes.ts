/** test.succeed_with_changes: claims a change each time. */
import { defineState } from '../../core/state.ts';
import { comment, pretended, saying, watchFired } from './_pretend.ts';

export default defineState({
  summary: 'the state succeeds and claims a change',
  description: 'It touches nothing. Use it to see what `watch`, `onchanges` and `listen` of other states do.',
  properties: { comment },
  anyArguments: true,
  repeats: true,
  examples: [
    {
      title: 'something to react to',
      sls: `changed:
  test.succeed_with_changes

listener:
  test.nop:
    - watch:
        - test: changed
`,
    },
  ],
  read() {},
  plan: (args) => [saying(pretended, args.comment ?? 'Success!')],
  react: watchFired,
});
