/** host.only: an address has exactly these names in /etc/hosts. */
import { defineState } from '../../core/state.ts';
import {
  addressesOf,
  hostsSteps,
  type Line,
  linesOf,
  newLine,
  readHosts,
  refuseNames,
  withNames,
} from './_hosts.ts';

export default defineState({
  summary: 'the address has exactly these names in /etc/hosts',
  description: `
The names are written in the order given: the first one is what a reverse look-up answers. Where the address has several
lines, the first one gets the names and the others go. Nothing else of the file changes.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The address, IPv4 or IPv6.' },
    hostnames: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'Its names; with an empty list the address has none and its lines are removed.',
    },
  },
  required: ['hostnames'],
  examples: [
    {
      title: 'the names of this node',
      sls: `127.0.1.1:
  host.only:
    - hostnames:
      - web1.example.org
      - web1
`,
    },
    { title: 'an address without names', sls: '203.0.113.25:\n  host.only:\n    - hostnames: []\n' },
  ],
  owns: ({ name }) => [{ kind: 'host', name }],
  read: readHosts,
  plan({ name, hostnames }, old) {
    const given = addressesOf(name);
    if (!Array.isArray(given)) return given;
    const address = given[0]!;
    const names = [hostnames].flat().map((one) => one.trim());
    const refusal = refuseNames(names);
    if (refusal) return refusal;
    const lines = linesOf(old ?? '');
    const own = lines.filter((line) => line.address === address);
    if (own.flatMap((line) => line.names).join(' ') === names.join(' ')) return [];
    return hostsSteps(old, replaced(lines, own, address, names));
  },
});

function replaced(lines: Line[], own: readonly Line[], address: string, names: readonly string[]): Line[] {
  if (names.length > 0 && own.length === 0) return [...lines, newLine(address, names)];
  return lines.flatMap((line) => {
    if (!own.includes(line)) return [line];
    return line === own[0] && names.length > 0 ? [withNames(line, names)] : [];
  });
}
