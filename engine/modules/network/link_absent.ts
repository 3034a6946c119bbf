/** network.link_absent: a virtual interface is not there. */
import { defineState, type Plan } from '../../core/state.ts';
import { persisting } from './_backend.ts';
import { persistProperties } from './_boot.ts';
import { linkNamed, readLive, refuseInterface, settleLinks } from './_links.ts';
import { forceProperty, refuseCut, sessionAddresses } from './_sessions.ts';

export default defineState({
  summary: 'the virtual interface is not there, now nor after a boot',
  description: `
What other states wrote of its addresses and routes goes with it. An interface that the machine has by itself cannot be
removed.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The interface.' },
    ...persistProperties,
    force: forceProperty,
  },
  examples: [
    { title: 'a bridge that goes', sls: 'br-apps:\n  network.link_absent:\n    - backend: networkd\n' },
  ],
  async read(args, reader) {
    const unfit = refuseInterface(args.name);
    const live = await readLive(reader);
    if (unfit) return { live, unfit, sessions: new Set<string>(), boot: [] };
    const boot = persisting(args, reader, live.links, () => ({
      remove: [{ kind: 'link', interface: args.name, up: false }],
    }));
    const there = linkNamed(live.links, args.name) !== undefined;
    return { live, unfit, sessions: there ? sessionAddresses(reader) : new Set<string>(), boot };
  },
  plan({ name, force }, { live, unfit, sessions, boot }): Plan {
    if (unfit) return unfit;
    if ('refused' in boot) return boot;
    if (live.rooted) return boot;
    if (live.unseen) return live.unseen;
    const link = linkNamed(live.links, name);
    if (link === undefined) return boot;
    const kind = link.linkinfo?.info_kind;
    if (kind === undefined) {
      return {
        refused: `${name} is no virtual interface: it cannot be removed.`,
        hint: 'Take it down: network.link with `up: false`.',
      };
    }
    const cut = refuseCut(
      link.addr_info.map(({ local }) => local),
      sessions,
      force,
    );
    if (cut) return cut;
    // The other end of a veth, and the VLANs on it, go with it.
    const left = live.links
      .filter((one) => one !== link && one.link !== name)
      .map((one) => (one.master === name ? { ...one, master: undefined } : one));
    // Its files first: what sets up the network could make it again.
    return [
      ...boot,
      {
        change: { subject: name, old: kind },
        effect: {
          kind: 'exec',
          command: { argv: ['ip', 'link', 'delete', 'dev', name] },
          // 1: NetworkManager removed it with its connection.
          success: [0, 1],
          settles: [settleLinks(left)],
          foreseen: true,
        },
      },
    ];
  },
});
