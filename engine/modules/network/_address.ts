/** What the states of addresses share: their arguments and the commands that change addresses. */
import { isIpv6, type Prefixed, prefixedAddress } from '../../core/ip-address.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { backBy, goneBy, lineOf, routeLines } from './_back.ts';
import { persistProperties, textOfPrefixed } from './_boot.ts';
import { type Link, settleLinks, withLink } from './_links.ts';
import type { Route } from './_routes.ts';
import { forceProperty } from './_sessions.ts';

export const addressProperties = {
  name: { type: 'string', minLength: 1, description: 'The interface.' },
  addresses: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description:
      'An address with the bits of its network, such as `192.0.2.7/24`, or a list of them; IPv4 or IPv6.',
  },
  ...persistProperties,
  force: forceProperty,
} as const;

export function parseAddresses(given: string | readonly string[]): Prefixed[] | Refusal {
  const found: Prefixed[] = [];
  for (const text of [given].flat()) {
    const one = prefixedAddress(text.trim());
    if (one === undefined || one.address.includes('%')) {
      return { refused: `"${text}" is not an address with a prefix, such as 192.0.2.7/24.`, certain: true };
    }
    if (!found.some((other) => textOfPrefixed(other) === textOfPrefixed(one))) found.push(one);
  }
  return found;
}

export function withAddress(links: readonly Link[], name: string, { address, prefix }: Prefixed): Link[] {
  const family = isIpv6(address) ? 'inet6' : 'inet';
  const scope = address.startsWith('fe80:') ? 'link' : 'global';
  const info = { family, local: address, prefixlen: prefix, scope };
  return withLink(links, name, (link) => ({ ...link, addr_info: [...link.addr_info, info] }));
}

export function addStep(name: string, address: Prefixed, links: readonly Link[]): Step {
  const words = addWords(name, address);
  return {
    change: { subject: `${textOfPrefixed(address)} on ${name}`, old: false, new: true },
    effect: {
      kind: 'exec',
      command: { argv: ['ip', ...words] },
      undo: goneBy(words),
      settles: [settleLinks(links)],
      foreseen: true,
    },
  };
}

function addWords(name: string, address: Prefixed): string[] {
  const broadcast = !isIpv6(address.address) && address.prefix < 31 ? ['broadcast', '+'] : [];
  return ['address', 'add', textOfPrefixed(address), ...broadcast, 'dev', name];
}

/** `routes` are those there are now: some may go with the addresses. */
export function removeSteps(
  name: string,
  addresses: readonly Prefixed[],
  before: readonly Link[],
  routes: readonly Route[],
): Step[] {
  let links = before;
  return addresses.map(({ address, prefix }) => {
    links = withLink(links, name, (link) => ({
      ...link,
      addr_info: link.addr_info.filter((one) => one.local !== address || one.prefixlen !== prefix),
    }));
    const text = textOfPrefixed({ address, prefix });
    return {
      change: { subject: `${text} on ${name}`, old: true, new: false },
      effect: {
        kind: 'exec',
        command: { argv: ['ip', 'address', 'delete', text, 'dev', name] },
        undo: backBy([lineOf('replace', addWords(name, { address, prefix })), ...routeLines(routes, name)]),
        settles: [settleLinks(links)],
        foreseen: true,
      },
    };
  });
}
