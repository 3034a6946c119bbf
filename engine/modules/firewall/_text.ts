/** The table of a firewall in the language of nft (nft(8)). */
import type { Network } from './_addresses.ts';
import { type Ports, protocols } from './_ports.ts';
import type { Direction, Ends, Flow, Rate, Wanted } from './_wanted.ts';

export const table = 'inet converge';

export interface Text {
  /** Replaces the table as a whole, in one transaction. */
  readonly text: string;
  /** What a line of it (from 1) is of the user's raw text. */
  raw(line: number): string | undefined;
}

interface Line {
  readonly text: string;
  readonly raw?: string;
}

type Family = '4' | '6';

/** Puts back an empty place where the table was: it may be there or not. */
export const removal = `table ${table}\ndelete table ${table}\n`;

export function textOf(wanted: Wanted): Text {
  const meters: string[] = [];
  const chains = [
    ...chain(
      'input',
      wanted.input,
      [
        ...plain(['iif "lo" accept']),
        ...connections,
        ...essentials(wanted.ping),
        ...rawRules('before', wanted.raw.before),
      ],
      wanted.raw.after,
      meters,
    ),
    ...(wanted.forward ? chain('forward', wanted.forward, connections, [], meters) : []),
    ...(wanted.output ? chain('output', wanted.output, ownEssentials(), [], meters) : []),
  ];
  const lines: Line[] = [
    ...plain(removal.trimEnd().split('\n')),
    { text: `table ${table} {` },
    ...plain(
      [...wanted.sets].flatMap(([name, { v4, v6 }]) => [...set(name, '4', v4), ...set(name, '6', v6)]),
    ),
    ...plain(meters),
    ...plain(block('chain refused', refused(wanted))),
    ...chains,
    ...rawTable(wanted.raw.table),
    { text: '}' },
  ];
  return { text: `${lines.map(({ text }) => text).join('\n')}\n`, raw: (line) => lines[line - 1]?.raw };
}

function plain(texts: readonly string[]): Line[] {
  return texts.map((text) => ({ text }));
}

function block(head: string, body: readonly string[]): string[] {
  return [`\t${head} {`, ...body.map((line) => `\t\t${line}`), '\t}'];
}

/** An interval set, so that networks fit in whenever they come. */
function set(name: string, family: Family, networks: readonly Network[]): string[] {
  const elements = networks.map(({ text }) => `\t${text},`);
  return block(`set ${name}_${family}`, [
    `type ipv${family}_addr`,
    'flags interval',
    ...(elements.length > 0 ? ['elements = {', ...elements, '}'] : []),
  ]);
}

/**
 * What belongs to connections that were let in. TCP that belongs to none goes on to the rules: where they let somebody
 * connect, the kernel tells him by a reset. When a router moves a connection from another node to this one, there may
 * be a memory of an earlier one from the same port, beside which it is invalid; he would wait in vain.
 * Neighbour discovery is never invalid: it is untracked.
 */
const connections = plain([
  'ct state vmap { established : accept, related : accept }',
  // 6 is TCP: the names of protocols are in a file that not every machine has.
  'meta l4proto != 6 ct state invalid drop',
]);

const icmpErrors = 'destination-unreachable, time-exceeded, parameter-problem';
const neighbours = 'nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert';
const multicast = 'mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report';

/** RFC 4890, 4.4.1: without these neither IPv6 nor the search for the path MTU works. */
function essentials(ping: boolean): Line[] {
  return plain([
    `icmp type { ${icmpErrors} } accept`,
    `icmpv6 type { ${icmpErrors}, packet-too-big } accept`,
    `ip6 hoplimit 255 icmpv6 type { ${neighbours} } accept`,
    `ip6 saddr fe80::/10 icmpv6 type { ${multicast} } accept`,
    'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "DHCPv6"',
    ...(ping ? ['icmp type echo-request accept', 'icmpv6 type echo-request accept'] : []),
  ]);
}

function ownEssentials(): Line[] {
  return plain([
    'oif "lo" accept',
    'ct state { established, related } accept',
    // By its types: the names of protocols are in a file that not every machine has.
    `icmp type { ${icmpErrors}, echo-request, echo-reply } accept`,
    `icmpv6 type { ${icmpErrors}, packet-too-big, ${neighbours}, ${multicast}, echo-request, echo-reply } accept`,
    'udp sport 68 udp dport 67 accept comment "DHCP"',
    'udp sport 546 udp dport 547 accept comment "DHCPv6"',
  ]);
}

function chain(
  name: 'input' | 'forward' | 'output',
  { policy, deny, allow }: Direction,
  first: readonly Line[],
  after: readonly string[],
  meters: string[],
): Line[] {
  const flows = [
    ...deny.flatMap((flow, at) => flowLines(flow, 'drop', `${name}.deny.${at + 1}`, meters)),
    ...allow.flatMap((flow, at) => flowLines(flow, 'accept', `${name}.allow.${at + 1}`, meters)),
  ];
  const lines = [
    ...plain([`type filter hook ${name} priority filter; policy ${policy};`]),
    ...first,
    ...plain(flows),
    ...rawRules('after', after),
    ...plain(policy === 'drop' ? ['goto refused'] : []),
  ];
  return [
    { text: `\tchain ${name} {` },
    ...lines.map((line) => ({ ...line, text: `\t\t${line.text}` })),
    { text: '\t}' },
  ];
}

function rawRules(place: 'before' | 'after', rules: readonly string[]): Line[] {
  return rules.map((text, at) => ({ text, raw: `rule ${at + 1} of \`raw:${place}\`` }));
}

function rawTable(text: string | undefined): Line[] {
  const lines = text === undefined ? [] : text.trimEnd().split('\n');
  return lines.map((line, at) => ({ text: line, raw: `line ${at + 1} of \`raw:table\`` }));
}

function refused({ log }: Wanted): string[] {
  const logged =
    log && `limit rate ${rateText(log.rate)} burst 5 packets log prefix "${log.prefix}" level ${log.level}`;
  return [...(logged ? [logged] : []), 'counter drop'];
}

function rateText({ count, per }: Rate): string {
  return `${count}/${per}`;
}

function flowLines(flow: Flow, verdict: string, id: string, meters: string[]): string[] {
  const { incoming, outgoing, rate, comment } = flow;
  const interfaces = [...among('iifname', incoming), ...among('oifname', outgoing)];
  const said = `comment "${comment}"`;
  const lines: string[] = [];
  const measured = new Set<Family>();
  for (const { family, words } of addressMatches(flow)) {
    for (const ports of portMatches(flow.ports)) {
      const match = [...interfaces, ...words, ...ports];
      for (const one of rate ? ([family ?? ['4', '6']].flat() as Family[]) : []) {
        measured.add(one);
        // Whoever is above his rate is refused before the rule that lets him in.
        const over = `limit rate over ${rateText(rate!)} burst ${rate!.burst} packets`;
        const key = one === '4' ? 'ip saddr' : 'ip6 saddr and ffff:ffff:ffff:ffff::';
        const meter = ['ct state new', 'update', `@${id}.${one}`, `{ ${key} ${over} }`];
        lines.push([...match, ...meter, 'goto refused', said].join(' '));
      }
      lines.push([...match, verdict, said].join(' '));
    }
  }
  for (const one of measured) meters.push(...meterSet(id, one, rate!));
  return lines;
}

const seconds = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

/** A source is forgotten no sooner than it may do everything again. */
function meterSet(id: string, family: Family, { count, per, burst }: NonNullable<Flow['rate']>): string[] {
  const refilled = Math.ceil((burst * seconds[per]) / count);
  return block(`set ${id}.${family}`, [
    `type ipv${family}_addr`,
    'size 65535',
    'flags dynamic,timeout',
    `timeout ${Math.max(60, refilled)}s`,
  ]);
}

function among(what: string, values: readonly string[] | undefined): string[] {
  if (values === undefined) return [];
  // A name that a wildcard stands for as well would overlap with it, which a set takes ill.
  const covers = (one: string, value: string): boolean =>
    one !== value && one.endsWith('*') && value.startsWith(one.slice(0, -1));
  const outermost = [...new Set(values)].filter((value) => !values.some((one) => covers(one, value)));
  const quoted = outermost.map((value) => `"${value}"`);
  return [what, quoted.length === 1 ? quoted[0]! : `{ ${quoted.join(', ')} }`];
}

interface AddressMatch {
  /** Undefined: addresses do not matter, so both. */
  readonly family?: Family;
  readonly words: readonly string[];
}

/** One rule for each set and for the addresses of each family: they are alternatives. */
function addressMatches({ from, to }: Flow): AddressMatch[] {
  if (!from && !to) return [{ words: [] }];
  return (['4', '6'] as const).flatMap((family) =>
    endMatches('saddr', from, family).flatMap((source) =>
      endMatches('daddr', to, family).map((target) => ({ family, words: [...source, ...target] })),
    ),
  );
}

function endMatches(field: 'saddr' | 'daddr', ends: Ends | undefined, family: Family): string[][] {
  if (ends === undefined) return [[]];
  const what = `${family === '4' ? 'ip' : 'ip6'} ${field}`;
  const own = (family === '4' ? ends.own.v4 : ends.own.v6).map(({ text }) => text);
  return [
    ...ends.sets.map((name) => [what, `@${name}_${family}`]),
    ...(own.length > 0 ? [[what, own.length === 1 ? own[0]! : `{ ${own.join(', ')} }`]] : []),
  ];
}

function portMatches(ports: Ports | undefined): string[][] {
  if (ports === undefined) return [[]];
  return protocols.flatMap((protocol) => {
    const ranges = ports.get(protocol);
    if (!ranges) return [];
    const texts = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
    return [[`${protocol} dport`, texts.length === 1 ? texts[0]! : `{ ${texts.join(', ')} }`]];
  });
}
