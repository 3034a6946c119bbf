/** network.address_absent: an interface does not have these addresses. */
import { defineState, type Plan } from '../../core/state.ts';
import { addressProperties, parseAddresses, removeSteps } from './_address.ts';
import { persisting } from './_backend.ts';
import { hasAddress, linkNamed, readLive, refuseInterface } from './_links.ts';
import { presentRoutes } from './_routes.ts';
import { refuseCut, sessionAddresses } from './_sessions.ts';

export default defineState({
  summary: 'the interface does not have these addresses, now nor after a boot',
  description: `
An address that carries an ssh session is only removed with \`force\`. One that a file of somebody else sets up at boot is
not removed: it would come back.`,
  properties: addressProperties,
  required: ['addresses'],
  examples: [
    {
      title: 'an address that moved away',
      sls: `eth1:
  network.address_absent:
    - addresses: 10.77.0.50/24
    - backend: networkd
`,
    },
  ],
  async read(args, reader) {
    const live = await readLive(reader);
    const addresses = refuseInterface(args.name) ?? parseAddresses(args.addresses);
    if ('refused' in addresses)
      return { live, addresses, gone: [], sessions: new Set<string>(), boot: [], routes: [] };
    const link = linkNamed(live.links, args.name);
    const gone = addresses.filter((address) => hasAddress(link, address));
    const boot = persisting(args, reader, live.links, () => ({
      remove: addresses.map((address) => ({ kind: 'address', interface: args.name, address })),
    }));
    const sessions = gone.length > 0 ? sessionAddresses(reader) : new Set<string>();
    const routes = gone.length > 0 ? await presentRoutes(reader) : [];
    return { live, addresses, gone, sessions, boot, routes };
  },
  plan(args, { live, addresses, gone, sessions, boot, routes }): Plan {
    if ('refused' in addresses) return addresses;
    if ('refused' in boot) return boot;
    if (live.rooted) return boot;
    if (live.unseen) return live.unseen;
    const cut = refuseCut(
      gone.map(({ address }) => address),
      sessions,
      args.force,
    );
    return cut ?? [...removeSteps(args.name, gone, live.links, routes), ...boot];
  },
});
