/** network.address: an interface has these addresses, now and after a boot. */
import type { Reader } from '../../core/host.ts';
import type { Prefixed } from '../../core/ip-address.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { addressProperties, addStep, parseAddresses, removeSteps, withAddress } from './_address.ts';
import { persisting } from './_backend.ts';
import { textOfPrefixed } from './_boot.ts';
import {
  hasAddress,
  type Live,
  linkNamed,
  noSuchInterface,
  readLive,
  refuseInterface,
  setAddresses,
} from './_links.ts';
import { presentRoutes, type Route } from './_routes.ts';
import { refuseCut, sessionAddresses } from './_sessions.ts';

const properties = {
  ...addressProperties,
  exact: {
    type: 'boolean',
    default: false,
    description:
      'Remove all other addresses that somebody set; those of DHCP, of routers and link-local ones stay.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'addresses'> & Common;

interface Now {
  readonly live: Live;
  readonly wanted: readonly Prefixed[] | Refusal;
  /** Others that are to go. */
  readonly extra: readonly Prefixed[];
  readonly sessions: ReadonlySet<string>;
  readonly boot: readonly Step[] | Refusal;
  /** Some may go with the others. */
  readonly routes: readonly Route[];
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const live = await readLive(reader);
  const { name } = args;
  const wanted = parseAddresses(args.addresses);
  const unfit = refuseInterface(name);
  if (unfit || 'refused' in wanted)
    return { live, wanted: unfit ?? wanted, extra: [], sessions: new Set(), boot: [], routes: [] };
  const isWanted = (one: Prefixed) => wanted.some((other) => textOfPrefixed(other) === textOfPrefixed(one));
  const link = linkNamed(live.links, name);
  const extra = args.exact && link ? setAddresses(link).filter((one) => !isWanted(one)) : [];
  const boot = persisting(args, reader, live.links, (backend) => {
    const others = args.exact
      ? [...extra, ...backend.ownAddresses(name).filter((one) => !isWanted(one))]
      : [];
    return {
      remove: others.map((address) => ({ kind: 'address', interface: name, address })),
      add: wanted.map((address) => ({ kind: 'address', interface: name, address })),
    };
  });
  const sessions = extra.length > 0 ? sessionAddresses(reader) : new Set<string>();
  const routes = extra.length > 0 ? await presentRoutes(reader) : [];
  return { live, wanted, extra, sessions, boot, routes };
}

function plan(args: Arguments, { live, wanted, extra, sessions, boot, routes }: Now): Plan {
  if ('refused' in wanted) return wanted;
  if ('refused' in boot) return boot;
  if (live.rooted) return boot;
  if (live.unseen) return live.unseen;
  const link = linkNamed(live.links, args.name);
  if (link === undefined) return noSuchInterface(args.name);
  const cut = refuseCut(
    extra.map(({ address }) => address),
    sessions,
    args.force,
  );
  if (cut) return cut;
  let { links } = live;
  const steps: Step[] = [];
  // First those that come, then those that go: the interface is never without one.
  for (const address of wanted) {
    if (hasAddress(link, address)) continue;
    links = withAddress(links, args.name, address);
    steps.push(addStep(args.name, address, links));
  }
  const gone = removeSteps(args.name, extra, links, routes);
  return [...steps, ...gone, ...boot];
}

export default defineState({
  summary: 'the interface has these addresses, now and after a boot',
  description: `
An address is added to the running interface first, which refuses a wrong one before it can get into the configuration, and
then written to the files of whatever sets up the network at boot: systemd-networkd (a drop-in beside the file that is for
the interface), ifupdown (a file in \`/etc/network/interfaces.d\`) or NetworkManager (the keyfile of the interface). An
address that a file has already is not written a second time. No interface is ever taken down or set up anew: what sets up
the network is not restarted, and reads its files when it starts the next time.

All three were proved through a boot on real Debian nodes. NetworkManager manages \`lo\` from version 1.42 on.

Addresses that are not named are left alone unless \`exact\` is set; one that carries an ssh session is only removed with
\`force\`.

Unlike Salt: network.address, network.link and network.route take the place of network.managed, and never restart the
network.`,
  properties,
  required: ['addresses'],
  examples: [
    {
      title: 'a second address of the private interface, of either kind',
      sls: `eth1:
  network.address:
    - addresses:
      - 10.77.0.50/24
      - fd00:77::50/64
    - backend: networkd
`,
    },
    {
      title: 'a floating address on the loopback interface',
      sls: `lo:
  network.address:
    - addresses: 203.0.113.50/32
    - backend: networkd
`,
    },
  ],
  owns: ({ name, addresses }) =>
    [addresses].flat().map((one) => ({ kind: 'address', name: `${name} ${one}` })),
  read,
  plan,
});
