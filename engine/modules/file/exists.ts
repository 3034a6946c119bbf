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
      title: 'a settings file that is only linked to once it is there',
      sls: `/srv/app/settings.yaml:
  file.managed:
    - contents: 'port: 80'
    - makedirs: true
settings are there:
  file.exists:
    - name: /srv/app/settings.yaml
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
