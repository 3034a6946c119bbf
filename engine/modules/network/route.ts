/** network.route: a route leads to this network, now and after a boot. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { backBy, goneBy, routeLine } from './_back.ts';
import { persisting } from './_backend.ts';
import { linkNamed, noSuchInterface, readLive } from './_links.ts';
import {
  interfaceTowards,
  isRoute,
  type Route,
  readRoutes,
  routeProperties,
  routesTo,
  routeWords,
  settleRoutes,
  textOfRoute,
  type Wanted,
  wantedRoute,
} from './_routes.ts';

type Arguments = ArgumentsOf<typeof routeProperties> & Common;

interface Now {
  readonly rooted: boolean;
  readonly unfit?: Refusal;
  readonly wanted?: Wanted;
  readonly routes: readonly Route[];
  readonly boot: readonly Step[] | Refusal;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const live = await readLive(reader);
  const routes = await readRoutes(reader);
  const nothing = { rooted: live.rooted, routes: [], boot: [] };
  const given = wantedRoute(args);
  if ('refused' in given) return { ...nothing, unfit: given };
  if (live.unseen) return { ...nothing, unfit: live.unseen };
  if ('refused' in routes) return { ...nothing, unfit: routes };
  const name = given.interface ?? (given.gateway ? interfaceTowards(live.links, given.gateway) : undefined);
  if (name === undefined) return { ...nothing, unfit: noInterface(given) };
  if (!live.rooted && !linkNamed(live.links, name)) return { ...nothing, unfit: noSuchInterface(name) };
  const wanted = { ...given, interface: name };
  const boot = persisting({ ...args, name }, reader, live.links, () => ({
    add: [{ kind: 'route', ...wanted }],
  }));
  return { rooted: live.rooted, wanted, routes, boot };
}

function noInterface({ gateway }: Wanted): Refusal {
  if (gateway === undefined)
    return { refused: 'A route needs a `gateway` or an `interface`.', certain: true };
  return {
    refused: `The gateway ${gateway} lies in no network of this node.`,
    hint: 'Name the `interface`, or require the state of its address.',
  };
}

function plan(args: Arguments, { rooted, unfit, wanted, routes, boot }: Now): Plan {
  if (unfit) return unfit;
  if ('refused' in boot) return boot;
  if (rooted || wanted === undefined) return boot;
  const there = routesTo(routes, wanted.destination);
  if (there.some((route) => isRoute(route, wanted))) return boot;
  const made: Route = {
    dst:
      wanted.destination.prefix === 0
        ? 'default'
        : `${wanted.destination.address}/${wanted.destination.prefix}`,
    gateway: wanted.gateway,
    dev: wanted.interface,
    metric: wanted.metric,
    table: 'main',
  };
  const replaced = there.find((route) => (route.metric ?? 0) === (wanted.metric ?? 0));
  return [
    {
      change: {
        subject: `route to ${args.name}`,
        old: replaced && textOfRoute(replaced),
        new: textOfRoute(made),
      },
      effect: {
        kind: 'exec',
        command: { argv: routeWords('replace', wanted) },
        undo: replaced ? backBy(routeLine(replaced)) : goneBy(routeWords('replace', wanted).slice(2)),
        settles: [settleRoutes([...routes.filter((route) => route !== replaced), made])],
        foreseen: true,
      },
    },
    ...boot,
  ];
}

export default defineState({
  summary: 'a route leads to this network, now and after a boot',
  description: `
Only the main table is looked at. A route to the same network with the same metric is replaced in one step, so that there
is never none; routes with other metrics are left alone. It is written to the files of whatever sets up the network at
boot, as \`network.address\` tells.`,
  properties: routeProperties,
  examples: [
    {
      title: 'a network behind another router',
      sls: `10.5.0.0/16:
  network.route:
    - gateway: 10.77.0.1
    - interface: eth1
    - backend: networkd
`,
    },
  ],
  owns: ({ name }) => [{ kind: 'route', name }],
  read,
  plan,
});
