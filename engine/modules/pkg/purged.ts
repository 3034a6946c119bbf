/** pkg.purged: neither packages nor their configuration files are there. */
import { defineState } from '../../core/state.ts';
import { names, removing } from './_arguments.ts';
import { judge } from './_manager.ts';
import { aggregateRemoval, findLeaving, planRemoval } from './_removal.ts';

export default defineState({
  summary: 'neither the packages nor their configuration files are there',
  description: 'Packages that depend on a purged one go with it, and are listed.',
  properties: {
    ...names,
    ...removing,
  },
  examples: [
    {
      title: 'several packages with all they left in /etc',
      sls: 'old:\n  pkg.purged:\n    pkgs: [apache2, apache2-utils]\n',
    },
  ],
  needs: () => [{ kind: 'packages' }],
  read: (args, reader) => findLeaving(args, reader, true),
  plan: (_args, now) => planRemoval(now, true),
  judge,
  aggregate: aggregateRemoval,
});
