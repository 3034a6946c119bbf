/** host.present: a name has these addresses in /etc/hosts. */
import { asBytes } from '../../core/byte-text.ts';
import { defineState } from '../../core/state.ts';
import {
  addressesOf,
  commentOf,
  has,
  hostsSteps,
  type Line,
  linesOf,
  newLine,
  readHosts,
  refuseNames,
  withComment,
  withName,
  withoutName,
} from './_hosts.ts';

export default defineState({
  summary: 'the name has these addresses in /etc/hosts',
  description: `
A name joins the line its address has already, at its end; an address without a line gets one at the end of the file.
All other lines, comments and white space stay as they are, and two spellings of one IPv6 address are the same.

Salt: addresses the name has beside those given are left alone with a warning, unless \`clean\` is set.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The host name.' },
    ip: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'Its address, or a list of addresses; IPv4 or IPv6.',
    },
    aliases: {
      type: ['string', 'array'],
      items: { type: 'string' },
      default: [],
      description: 'Further names of the same addresses, in the order in which they are to follow the name.',
    },
    comment: {
      type: 'string',
      default: '',
      description: 'A comment for the lines of these addresses. Left as it is where none is given.',
    },
    clean: {
      type: 'boolean',
      default: false,
      description: 'Take the name and its aliases from all other addresses.',
    },
  },
  required: ['ip'],
  examples: [
    {
      title: 'a database that has an address of either kind',
      sls: `db.example.org:
  host.present:
    - ip:
      - 192.0.2.7
      - 2001:db8::7
    - aliases: db
    - clean: true
`,
    },
    {
      title: 'several names of one address',
      sls: `services on this node:
  host.present:
    - ip: 127.0.0.1
    - names:
      - cache
      - queue
`,
    },
  ],
  owns: ({ name, ip, aliases }) =>
    [ip].flat().flatMap((address) =>
      [name, ...[aliases].flat()].map((one) => ({
        kind: 'host',
        name: `${address} ${one}`,
        absent: { state: 'host.absent', args: { name: one, ip: address } },
      })),
    ),
  read: readHosts,
  plan({ name, ip, aliases, comment, clean }, old) {
    const names = [name, ...[aliases].flat()].map((one) => one.trim());
    const addresses = addressesOf(ip);
    const refusal = refuseNames(names);
    if (refusal) return refusal;
    if (!Array.isArray(addresses)) return addresses;
    if (/[\n\r\0#]/.test(comment)) {
      return { refused: 'A comment is one line without `#`.', certain: true };
    }
    let lines: Line[] = linesOf(old ?? '');
    for (const address of addresses) {
      for (const one of names) lines = withPair(lines, address, one);
      if (comment !== '') lines = lines.map((line) => commented(line, address, asBytes(comment)));
    }
    const warnings: string[] = [];
    for (const one of names) {
      const others = lines.filter(
        (line) => line.address !== undefined && !addresses.includes(line.address) && has(line, one),
      );
      if (clean) lines = lines.flatMap((line) => (others.includes(line) ? withoutName(line, one) : [line]));
      else for (const { address } of others) warnings.push(warningOf(one, address!));
    }
    return { steps: hostsSteps(old, lines), ...(warnings.length > 0 && { warnings }) };
  },
});

function withPair(lines: Line[], address: string, name: string): Line[] {
  const own = lines.filter((line) => line.address === address);
  if (own.some((line) => has(line, name))) return lines;
  if (own.length === 0) return [...lines, newLine(address, [name])];
  return lines.map((line) => (line === own[0] ? withName(line, name) : line));
}

function commented(line: Line, address: string, comment: string): Line {
  return line.address === address && commentOf(line) !== comment ? withComment(line, comment) : line;
}

function warningOf(name: string, address: string): string {
  return `${name} also has the address ${address} in /etc/hosts; set \`clean: true\` to remove that, or add the address to \`ip\`.`;
}
