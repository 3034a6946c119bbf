/** What undoes a change of the running network: lines for `ip -batch`, all of which may be run twice. */
import type { Command } from '../../core/host.ts';
import { isIpv6, prefixedAddress } from '../../core/ip-address.ts';
import { type Route, routeWords } from './_routes.ts';

export function backBy(lines: readonly string[]): Command {
  return { argv: ['ip', '-force', '-batch', '-'], stdin: lines.map((line) => `${line}\n`).join('') };
}

/** What `replace` has made sure of can be deleted whether it was there or not. Words begin `address add`. */
export function goneBy(words: readonly string[]): Command {
  return backBy([lineOf('replace', words), lineOf('delete', words)]);
}

export function lineOf(verb: string, [object = '', , ...rest]: readonly string[]): string {
  return [object, verb, ...rest].join(' ');
}

/** Routes of an interface that go with its last address and do not come back with it. */
export function routeLines(routes: readonly Route[], name: string): string[] {
  return routes.flatMap((route) => {
    const { gateway, dev, table = 'main', type = 'unicast' } = route;
    const stays = dev !== name || gateway === undefined || table !== 'main' || type !== 'unicast';
    return stays ? [] : routeLine(route);
  });
}

export function routeLine({ dst, gateway, dev, metric }: Route): string[] {
  const zero = gateway && isIpv6(gateway) ? '::/0' : '0.0.0.0/0';
  const destination = prefixedAddress(dst === 'default' ? zero : dst);
  if (!destination) return [];
  return [
    lineOf('replace', routeWords('replace', { destination, gateway, interface: dev, metric }).slice(2)),
  ];
}

/** Whatever was made of it meanwhile. */
export function unmade(name: string): Command {
  const script = '[ ! -e "/sys/class/net/$1" ] || exec ip link delete dev "$1"';
  return { argv: ['/bin/sh', '-c', script, 'sh', name] };
}
