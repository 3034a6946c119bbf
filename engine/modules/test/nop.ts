/** test.nop: holds always and takes any argument. */
import { defineState } from '../../core/state.ts';
import { watchFired } from './_pretend.ts';

export default defineState({
  summary: 'nothing has to be so',
  description:
    'A place for requisites: other states can require it, and it can gather requisites of its own.',
  properties: {},
  anyArguments: true,
  examples: [
    {
      title: 'one name for several states',
      sls: `web-is-ready:
  test.nop:
    - require:
        - file: /var/www/index.html

/var/www/index.html:
  file.managed:
    - contents: Welcome
    - makedirs: true
`,
    },
  ],
  read() {},
  plan: () => ({ steps: [], comment: 'Success!' }),
  react: watchFired,
});
