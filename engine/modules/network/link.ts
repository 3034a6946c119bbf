/** network.link: an interface is there, with these settings, now and after a boot. */
import type { Command, Reader, Settled } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { backBy, routeLines, unmade } from './_back.ts';
import { persisting } from './_backend.ts';
import { type LinkPiece, persistProperties } from './_boot.ts';
import {
  type Link,
  type Live,
  linkNamed,
  noSuchInterface,
  readLive,
  refuseInterface,
  settleLinks,
  withLink,
} from './_links.ts';
import {
  kernelParameters,
  mismatch,
  newLinks,
  newWords,
  type Parameters,
  settleParameters,
} from './_new-link.ts';
import { presentRoutes, type Route } from './_routes.ts';
import { forceProperty, refuseCut, sessionAddresses } from './_sessions.ts';

const properties = {
  name: { type: 'string', minLength: 1, description: 'The interface.' },
  kind: {
    type: 'string',
    enum: ['bridge', 'dummy', 'vlan', 'veth'],
    description: 'What is made where it is not there. Without it the interface has to be there already.',
  },
  up: { type: 'boolean', default: true, description: 'Whether it is up.' },
  mtu: {
    type: 'integer',
    minimum: 68,
    maximum: 65_536,
    description: 'Most bytes of a packet. Left alone unless given.',
  },
  mac: {
    type: 'string',
    description: 'Its hardware address: six bytes such as `02:00:00:00:00:01`. Left alone unless given.',
  },
  ports: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Interfaces that belong to the bridge. Others that belong to it are left alone.',
  },
  parent: { type: 'string', description: 'Of a VLAN: the interface it lies on.' },
  id: { type: 'integer', minimum: 1, maximum: 4094, description: 'Of a VLAN: its number.' },
  peer: { type: 'string', description: 'Of a veth: its other end.' },
  ...persistProperties,
  force: forceProperty,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly live: Live;
  readonly unfit: Refusal | undefined;
  readonly sessions: ReadonlySet<string>;
  readonly boot: readonly Step[] | Refusal;
  /** What a new interface brings with it, where there is none yet. */
  readonly kernel: readonly Parameters[];
  /** Those that may go when it is taken down. */
  readonly routes: readonly Route[];
}

function portsOf(args: Arguments): string[] {
  return [args.ports ?? []].flat();
}

function refuse(args: Arguments): Refusal | undefined {
  const { kind, parent, id, peer, mac } = args;
  const names = [args.name, ...portsOf(args), ...(parent ? [parent] : []), ...(peer ? [peer] : [])];
  for (const name of names) {
    const unfit = refuseInterface(name);
    if (unfit) return unfit;
  }
  const wrong = (refused: string): Refusal => ({ refused, certain: true });
  if (mac !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac))
    return wrong(`"${mac}" is not a hardware address.`);
  if (kind === 'vlan' && (!parent || id === undefined)) return wrong('A VLAN needs `parent` and `id`.');
  if (kind === 'veth' && !peer) return wrong('A veth needs a `peer`.');
  if (kind !== 'vlan' && (parent || id !== undefined)) return wrong('Only a VLAN has `parent` and `id`.');
  if (kind !== 'veth' && peer) return wrong('Only a veth has a `peer`.');
  if (kind !== 'bridge' && portsOf(args).length > 0) return wrong('Only a bridge has `ports`.');
  return undefined;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const unfit = refuse(args);
  const live = await readLive(reader);
  if (unfit) return { live, unfit, sessions: new Set(), boot: [], kernel: [], routes: [] };
  const piece: LinkPiece = {
    kind: 'link',
    interface: args.name,
    type: args.kind,
    up: args.up,
    mtu: args.mtu,
    mac: args.mac?.toLowerCase(),
    parent: args.parent,
    id: args.id,
    peer: args.peer,
    ports: portsOf(args),
  };
  const boot = persisting(args, reader, live.links, () => ({ add: [piece] }));
  const risky = !args.up || portsOf(args).length > 0;
  const kernel = linkNamed(live.links, args.name) || live.rooted ? [] : kernelParameters(reader);
  const goesDown = !args.up && linkNamed(live.links, args.name)?.flags.includes('UP');
  const routes = goesDown ? await presentRoutes(reader) : [];
  return { live, unfit, sessions: risky ? sessionAddresses(reader) : new Set(), boot, kernel, routes };
}

function plan(args: Arguments, now: Now): Plan {
  const { live, unfit, boot } = now;
  if (unfit) return unfit;
  if ('refused' in boot) return boot;
  if (live.rooted) return boot;
  if (live.unseen) return live.unseen;
  const steps = liveSteps(args, now);
  return 'refused' in steps ? steps : [...steps, ...boot];
}

function liveSteps(args: Arguments, { live, sessions, kernel, routes }: Now): Step[] | Refusal {
  const { name, kind } = args;
  let { links } = live;
  const steps: Step[] = [];
  function step(
    subject: string,
    words: readonly string[],
    old: unknown,
    now: unknown,
    after: readonly Link[],
    undo: Command,
    more: readonly Settled[] = [],
  ): void {
    links = after;
    steps.push({
      change: { subject, old, new: now },
      effect: {
        kind: 'exec',
        command: { argv: ['ip', 'link', ...words] },
        undo,
        settles: [settleLinks(links), ...more],
        foreseen: true,
      },
    });
  }
  const there = linkNamed(links, name);
  if (there === undefined) {
    if (kind === undefined) return noSuchInterface(name);
    const lacking = args.parent && !linkNamed(links, args.parent) ? args.parent : undefined;
    if (lacking) return noSuchInterface(lacking);
    const made = newLinks(args);
    const parameters = made.flatMap(({ ifname }) => settleParameters(kernel, ifname));
    step(name, newWords(args), undefined, kind, [...links, ...made], unmade(name), parameters);
  } else {
    const other = kind === undefined ? undefined : mismatch(args, there);
    if (other) return other;
  }
  const set = (
    subject: string,
    words: readonly string[],
    old: unknown,
    now: unknown,
    change: Partial<Link>,
    back: readonly string[],
    of = name,
  ) =>
    step(
      `${subject} of ${of}`,
      ['set', 'dev', of, ...words],
      old,
      now,
      withLink(links, of, (link) => ({ ...link, ...change })),
      backBy([`link set dev ${of} ${back[0]}`, ...back.slice(1)]),
    );
  const link = linkNamed(links, name)!;
  const mac = args.mac?.toLowerCase();
  if (mac !== undefined && link.address !== mac)
    set('mac', ['address', mac], link.address, mac, { address: mac }, [`address ${link.address ?? mac}`]);
  if (args.mtu !== undefined && link.mtu !== args.mtu) {
    set('mtu', ['mtu', String(args.mtu)], link.mtu, args.mtu, { mtu: args.mtu }, [`mtu ${link.mtu}`]);
  }
  for (const name of portsOf(args)) {
    const port = linkNamed(links, name);
    if (port === undefined) return noSuchInterface(name);
    if (port.master === args.name) continue;
    const cut = refuseCut(localsOf(port), sessions, args.force);
    if (cut) return cut;
    const back = port.master ? `master ${port.master}` : 'nomaster';
    set('bridge', ['master', args.name], port.master, args.name, { master: args.name }, [back], name);
  }
  const up = link.flags.includes('UP');
  if (up !== args.up) {
    const cut = args.up ? undefined : refuseCut(localsOf(link), sessions, args.force);
    if (cut) return cut;
    const flags = args.up ? [...link.flags, 'UP'] : link.flags.filter((flag) => flag !== 'UP');
    const [old, now] = up ? (['up', 'down'] as const) : (['down', 'up'] as const);
    // An interface that goes down loses routes, and its addresses of IPv6.
    set('state', [now], old, now, { flags }, [old, ...(up ? lostLines(link, routes) : [])]);
  }
  return steps;
}

function lostLines({ ifname, addr_info }: Link, routes: readonly Route[]): string[] {
  const addresses = addr_info.filter(({ family, scope }) => family === 'inet6' && scope === 'global');
  return [
    ...addresses.map(({ local, prefixlen }) => `address replace ${local}/${prefixlen} dev ${ifname}`),
    ...routeLines(routes, ifname),
  ];
}

function localsOf(link: Link): string[] {
  return link.addr_info.map(({ local }) => local);
}

export default defineState({
  summary: 'the interface is there with these settings, now and after a boot',
  description: `
Only what differs is changed in the running interface; then it is written to the files of whatever sets up the network at
boot, as \`network.address\` tells. An interface that carries an ssh session is only taken down, or made part of a bridge,
with \`force\`.

Bridges and veth were proved on real nodes; dummies and VLANs, which the kernel of the nodes lacks, by the files that are
written and by outputs written as \`ip\` writes them.`,
  properties,
  examples: [
    {
      title: 'a bridge for containers',
      sls: `br-apps:
  network.link:
    - kind: bridge
    - mtu: 1400
    - backend: networkd

address of the bridge:
  network.address:
    - name: br-apps
    - addresses: 10.88.0.1/24
    - backend: networkd
`,
    },
    {
      title: 'a VLAN',
      sls: `eth0.20:
  network.link:
    - kind: vlan
    - parent: eth0
    - id: 20
    - backend: networkd
`,
    },
  ],
  owns: ({ name }) => [{ kind: 'interface', name }],
  read,
  plan,
});
