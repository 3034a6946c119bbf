/** The state file.absent: nothing lies at the path. */
import type { Stat } from '../../core/host.ts';
import { baseOf } from '../../core/path.ts';
import { defineState } from '../../core/state.ts';
import { removeStep } from './_clean.ts';
import { pathOf } from './_path.ts';

interface Now {
  readonly path: string;
  readonly stat: Stat | undefined;
}

export default defineState({
  summary: 'nothing lies at the path',
  description: `Removes a file, a link or a whole directory. A link is removed itself, never what it leads to.

Unlike Salt: file.absent removes sockets, pipes and devices too, and stops at mount points.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path.' },
  },
  examples: [
    {
      title: 'a file that must not be there',
      sls: `/etc/cron.d/legacy:
  file.absent: []
`,
    },
  ],

  read(args, reader): Now {
    const path = pathOf(args.name, reader);
    return { path, stat: reader.stat(path) };
  },

  plan(_args, { path, stat }) {
    if (path === '/' || baseOf(path) === '.' || baseOf(path) === '..') {
      return {
        refused: `"${path}" is never removed.`,
        hint: 'Name what is to be removed by its full path.',
        certain: true,
      };
    }
    if (stat === undefined) return { steps: [], comment: `File ${path} is not present` };
    return [removeStep(path, stat.kind)];
  },
});
