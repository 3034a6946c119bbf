/** svn.latest: not supported, and says so. */
import { defineState } from '../../core/state.ts';
import { description, properties, refusal } from './_refused.ts';

export default defineState({
  summary: 'a working copy is at the newest revision (not supported: use git.latest)',
  description,
  properties,
  examples: [
    {
      title: 'what to write instead of svn.latest',
      sls: `# svn.latest is not supported.
https://git.example.com/shop.git:
  git.latest:
    - target: /srv/shop
`,
    },
  ],
  read: () => undefined,
  plan: () => refusal,
});
