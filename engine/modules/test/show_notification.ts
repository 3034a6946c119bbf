/** test.show_notification: says something in the report. */
import { defineState } from '../../core/state.ts';
import { watchFired } from './_pretend.ts';

export default defineState({
  summary: 'the report shows a text',
  properties: {
    text: { type: 'string', minLength: 1, description: 'What the report shows.' },
  },
  required: ['text'],
  anyArguments: true,
  examples: [
    {
      title: 'a note for whoever reads the report',
      sls: `note:
  test.show_notification:
    - text: The certificate is renewed by hand in May.
`,
    },
  ],
  read() {},
  plan: (args) => ({ steps: [], comment: args.text }),
  react: watchFired,
});
