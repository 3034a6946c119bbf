/** network.hostname: the node has this name, now and after a boot. */
import { defineState } from '../../core/state.ts';
import { planHostname, readHostname } from './_hostname.ts';

export default defineState({
  summary: 'the node has this name, now and after a boot',
  description: `
The name is written to \`/etc/hostname\`. What the name resolves to is told by \`host.only\` or by the name servers.

Unlike Salt: network.hostname exists; network.system knows the name alone.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name: one word, or with its domain.' },
    apply: {
      type: 'boolean',
      default: true,
      description: 'Give it to the running node, too; false: only at the next boot.',
    },
  },
  examples: [
    {
      title: 'a name, and its address of this node',
      sls: `web1:
  network.hostname: []

127.0.1.1:
  host.only:
    - hostnames:
      - web1.example.org
      - web1
`,
    },
  ],
  read: (_args, reader) => readHostname(reader),
  plan: ({ name, apply }, now) => planHostname(name, apply, now),
});
