/** svn.dirty: not supported, and says so. */
import { defineState } from '../../core/state.ts';
import { description, properties, refusal } from './_refused.ts';

export default defineState({
  summary: 'a working copy has no local changes (not supported: use git.latest)',
  description,
  properties: {
    ...properties,
    ignore_unversioned: {
      type: 'boolean',
      default: false,
      description: 'Files svn does not know are no change.',
    },
  },
  examples: [
    {
      title: 'what to write instead of svn.dirty',
      sls: `# svn.dirty is not supported.
https://git.example.com/shop.git:
  git.latest:
    - target: /srv/shop
    - force_reset: true
`,
    },
  ],
  read: () => undefined,
  plan: () => refusal,
});
