/** The state selinux.fcontext_policy_present: the policy has a label for these paths. */
import { defineState } from '../../core/state.ts';
import { contextProperties, contextStep, labelOf, readContext } from './_contexts.ts';
import { notProved } from './_policy.ts';

export default defineState({
  summary: 'the SELinux policy has this label for these paths',
  description: `
What the policy says takes effect for new files; those that are there keep their labels until restorecon is run
(\`cmd.run\` with \`onchanges\`). ${notProved}`,
  properties: {
    ...contextProperties,
    sel_type: { type: 'string', minLength: 1, description: 'Type of the label: `httpd_sys_content_t`.' },
  },
  required: ['sel_type'],
  examples: [
    {
      title: 'the files of a web server in a place of their own',
      sls: `/srv/web(/.*)?:
  selinux.fcontext_policy_present:
    sel_type: httpd_sys_content_t
`,
    },
  ],
  owns: ({ name, filetype }) => [
    {
      kind: 'selinux-label',
      name: filetype === 'a' ? name : `${name} (${filetype})`,
      absent: { state: 'selinux.fcontext_policy_absent', args: { name, filetype } },
    },
  ],
  read: readContext,
  plan(args, now) {
    const label = labelOf(args);
    const there = now.added ?? now.own;
    const asWanted = (one: string) => {
      const [user, , type, ...level] = one.split(':');
      return (
        type === args.sel_type &&
        (args.sel_user === undefined || user === args.sel_user) &&
        (args.sel_level === undefined || level.join(':') === args.sel_level)
      );
    };
    if (now.refused) return now.refused;
    if (there !== undefined && asWanted(there))
      return { steps: [], comment: `${args.name} has the label ${there} already` };
    return [contextStep(there === undefined ? '-a' : '-m', args, now, label)];
  },
});
