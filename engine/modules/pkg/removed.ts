/** pkg.removed: packages are not installed; their configuration may be there. */
import { defineState } from '../../core/state.ts';
import { names, removing } from './_arguments.ts';
import { judge } from './_manager.ts';
import { aggregateRemoval, findLeaving, planRemoval } from './_removal.ts';

export default defineState({
  summary: 'the packages are not installed',
  description:
    'Configuration files stay; pkg.purged removes those too. Packages that depend on a removed one go with it, and are listed.',
  properties: {
    ...names,
    ...removing,
  },
  examples: [{ title: 'a package that is not wanted', sls: 'telnetd:\n  pkg.removed\n' }],
  needs: () => [{ kind: 'packages' }],
  read: (args, reader) => findLeaving(args, reader, false),
  plan: (_args, now) => planRemoval(now, false),
  judge,
  aggregate: aggregateRemoval,
});
