/** The state selinux.fcontext_policy_absent: no label was added to the policy for these paths. */
import { defineState } from '../../core/state.ts';
import { contextProperties, contextStep, readContext } from './_contexts.ts';
import { notProved } from './_policy.ts';

export default defineState({
  summary: 'no label was added to the SELinux policy for these paths',
  description: `What the policy itself says of them stays. ${notProved}`,
  properties: {
    ...contextProperties,
    sel_type: { type: 'string', minLength: 1, description: 'Only a label of this type is removed.' },
  },
  examples: [
    { title: 'a label of former times', sls: '/srv/web(/.*)?:\n  selinux.fcontext_policy_absent\n' },
  ],
  read: readContext,
  plan(args, now) {
    if (now.refused) return now.refused;
    const type = now.added?.split(':')[2];
    if (now.added === undefined || (args.sel_type !== undefined && type !== args.sel_type))
      return { steps: [], comment: `No label was added for ${args.name}` };
    return [contextStep('-d', args, now, undefined)];
  },
});
