/** host.absent: a name does not have these addresses in /etc/hosts. */
import { defineState } from '../../core/state.ts';
import { addressesOf, hostsSteps, linesOf, readHosts, refuseNames, withoutName } from './_hosts.ts';

export default defineState({
  summary: 'the name does not have these addresses in /etc/hosts',
  description: `
A line whose last name goes is removed as a whole. Nothing else of the file changes.

Unlike Salt: host.absent without \`ip\` takes the name from every address.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The host name.' },
    ip: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'The address, or a list of addresses, that it must not have; any address unless given.',
    },
  },
  examples: [
    {
      title: 'a name that moved to the name servers',
      sls: `old.example.org:
  host.absent:
    - ip: 192.0.2.9
`,
    },
  ],
  read: readHosts,
  plan({ name, ip }, old) {
    const refusal = refuseNames([name]);
    if (refusal) return refusal;
    const addresses = ip === undefined ? undefined : addressesOf(ip);
    if (addresses !== undefined && !Array.isArray(addresses)) return addresses;
    const lines = linesOf(old ?? '').flatMap((line) =>
      line.address !== undefined && (addresses?.includes(line.address) ?? true)
        ? withoutName(line, name)
        : [line],
    );
    return hostsSteps(old, lines);
  },
});
