/** network.route_absent: no such route leads to this network. */
import { defineState, type Plan, type Step } from '../../core/state.ts';
import { backBy, routeLine } from './_back.ts';
import { persisting } from './_backend.ts';
import { readLive } from './_links.ts';
import {
  isRoute,
  type Route,
  readRoutes,
  routeProperties,
  routesTo,
  routeWords,
  settleRoutes,
  textOfRoute,
  wantedRoute,
} from './_routes.ts';

export default defineState({
  summary: 'no such route leads to this network, now nor after a boot',
  description: `
All routes of the main table to the network go, or only those with the gateway, interface and metric that are given. For
the files that are read at boot the interface has to be known: it is that of the routes that are there, unless given.`,
  properties: routeProperties,
  examples: [
    {
      title: 'a network that is no longer there',
      sls: `10.5.0.0/16:
  network.route_absent:
    - interface: eth1
    - backend: networkd
`,
    },
  ],
  async read(args, reader) {
    const live = await readLive(reader);
    const all = await readRoutes(reader);
    const wanted = wantedRoute(args);
    if ('refused' in wanted) return { unfit: wanted, routes: [], gone: [], wanted: undefined, boot: [] };
    const unfit = live.unseen ?? ('refused' in all ? all : undefined);
    const routes: readonly Route[] = 'refused' in all ? [] : all;
    const gone = routesTo(routes, wanted.destination).filter((route) => isRoute(route, wanted));
    const names = new Set(wanted.interface ? [wanted.interface] : gone.map(({ dev }) => dev ?? ''));
    const [first = ''] = names;
    const boot = persisting({ ...args, name: first }, reader, live.links, () => ({
      remove: [...names].filter(Boolean).map((name) => ({ kind: 'route', ...wanted, interface: name })),
    }));
    return { unfit, routes, gone, wanted, boot };
  },
  plan(args, { unfit, routes, gone, wanted, boot }): Plan {
    if (unfit) return unfit;
    if ('refused' in boot || wanted === undefined) return boot;
    let left = routes;
    const steps = gone.map((route): Step => {
      left = left.filter((one) => one !== route);
      const { gateway, dev, metric } = route;
      return {
        change: { subject: `route to ${args.name}`, old: textOfRoute(route) },
        effect: {
          kind: 'exec',
          command: {
            argv: routeWords('delete', { destination: wanted.destination, gateway, interface: dev, metric }),
          },
          undo: backBy(routeLine(route)),
          settles: [settleRoutes(left)],
          foreseen: true,
        },
      };
    });
    return [...steps, ...boot];
  },
});
