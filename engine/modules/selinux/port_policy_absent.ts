/** The state selinux.port_policy_absent: no type was added to the policy for a port. */
import { defineState } from '../../core/state.ts';
import { notProved } from './_policy.ts';
import { portProperties, portStep, readPort } from './_ports.ts';

export default defineState({
  summary: 'no type was added to the SELinux policy for this port',
  description: `What the policy itself says of it stays. ${notProved}`,
  properties: portProperties,
  examples: [{ title: 'a port of former times', sls: 'tcp/8088:\n  selinux.port_policy_absent\n' }],
  read: readPort,
  plan(args, now) {
    if (now.refused) return now.refused;
    if (now.added === undefined)
      return { steps: [], comment: `No type was added for ${now.protocol}/${now.port}` };
    return [portStep('-d', args, now)];
  },
});
