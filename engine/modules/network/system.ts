/** network.system: the name of the node, by the name of Salt's state. */
import { defineState } from '../../core/state.ts';
import { planHostname, readHostname } from './_hostname.ts';

export default defineState({
  summary: 'the node has this host name',
  description: `
For trees written for Salt: use \`network.hostname\` in new ones.

Salt: the running node gets the name only with \`apply_hostname\`.

Unlike Salt: network.system knows the host name alone; a default route is network.route, and Debian and RPM systems are
treated alike.`,
  properties: {
    hostname: { type: 'string', minLength: 1, description: 'The name.' },
    apply_hostname: { type: 'boolean', default: false, description: 'Give it to the running node, too.' },
    enabled: { type: 'boolean', default: true, description: 'Accepted for Salt trees; has no effect.' },
    retain_settings: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees; has no effect.',
    },
    require_reboot: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees; has no effect.',
    },
  },
  required: ['hostname'],
  examples: [
    {
      title: 'a name',
      sls: 'system:\n  network.system:\n    - hostname: web1.example.org\n    - apply_hostname: true\n',
    },
  ],
  read: (_args, reader) => readHostname(reader),
  plan: ({ hostname, apply_hostname }, now) => planHostname(hostname, apply_hostname, now),
});
