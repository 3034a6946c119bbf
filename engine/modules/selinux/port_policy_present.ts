/** The state selinux.port_policy_present: the policy has a type for a port. */
import { defineState } from '../../core/state.ts';
import { notProved } from './_policy.ts';
import { portProperties, portStep, readPort } from './_ports.ts';

export default defineState({
  summary: 'the SELinux policy has this type for this port',
  description: notProved,
  properties: {
    ...portProperties,
    sel_type: { type: 'string', minLength: 1, description: 'Type of the port: `http_port_t`.' },
  },
  required: ['sel_type'],
  examples: [
    {
      title: 'a web server on another port',
      sls: 'tcp/8088:\n  selinux.port_policy_present:\n    sel_type: http_port_t\n',
    },
  ],
  owns({ name, protocol, port }) {
    const args = {
      name,
      ...(protocol !== undefined && { protocol }),
      ...(port !== undefined && { port }),
    };
    const what = protocol === undefined || port === undefined ? name : `${protocol}/${port}`;
    return [{ kind: 'selinux-port', name: what, absent: { state: 'selinux.port_policy_absent', args } }];
  },
  read: readPort,
  plan(args, now) {
    if (now.refused) return now.refused;
    const there = now.added ?? now.own;
    if (there === args.sel_type)
      return { steps: [], comment: `${now.protocol}/${now.port} has the type ${there} already` };
    return [portStep(there === undefined ? '-a' : '-m', args, now)];
  },
});
