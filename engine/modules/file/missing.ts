/** The state file.missing: fails where something lies at the path. */
import { defineState } from '../../core/state.ts';
import { followed, pathOf } from './_path.ts';

export default defineState({
  summary: 'nothing lies at the path',
  description:
    'Changes nothing: it fails where the path exists, so that states which require it do not run. Use `file.absent` to remove something.',
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path.' },
  },
  examples: [
    {
      title: 'a mark that must not be there',
      sls: `/etc/nologin:
  file.missing: []
`,
    },
  ],

  read(args, reader) {
    const path = pathOf(args.name, reader);
    return { path, there: followed(path, reader) !== undefined };
  },

  plan(_args, { path, there }) {
    if (!there) return { steps: [], comment: `Path ${path} is missing` };
    return { refused: `${path} exists.` };
  },
});
