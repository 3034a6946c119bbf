/** The state file.exists: fails where nothing lies at the path. */
import { defineState } from '../../core/state.ts';
import { followed, pathOf } from './_path.ts';

export default defineState({
  summary: 'something lies at the path',
  description:
    'Changes nothing: it fails where the path does not exist, so that states which require it do not run. A link that leads nowhere does not count.',
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path.' },
  },
  examples: [
    {
      title: 'a file that must be there',
      sls: `/etc/passwd:
  file.exists: []
`,
    },
  ],

  read(args, reader) {
    const path = pathOf(args.name, reader);
    return { path, there: followed(path, reader) !== undefined };
  },

  plan(_args, { path, there }) {
    if (there) return { steps: [], comment: `Path ${path} exists` };
    return { refused: `${path} does not exist.` };
  },
});
