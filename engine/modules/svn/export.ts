/** svn.export: not supported, and says so. */
import { defineState } from '../../core/state.ts';
import { description, properties, refusal } from './_refused.ts';

export default defineState({
  summary: 'an export of a repository is there (not supported: use git.latest)',
  description,
  properties: {
    ...properties,
    overwrite: { type: 'boolean', default: false, description: 'Replace what is there.' },
  },
  examples: [
    {
      title: 'what to write instead of svn.export',
      sls: `# svn.export is not supported.
/srv/shop:
  archive.extracted:
    - source: https://releases.example/shop-1.4.2.tar.gz
    - source_hash: sha256=4b2d1c8a9e0f3b7d6a5c4e3f2d1b0a9c8e7f6d5b4a3c2e1f0d9b8a7c6e5f4d3b
`,
    },
  ],
  read: () => undefined,
  plan: () => refusal,
});
