/** Salt's module `network`, as far as it only looks at this machine. */
import { createRequire } from 'node:module';
import { isDict, type Value } from '../../core/value.ts';
import { type Address, inNetwork, isKind, networkText, parseAddress, parseNetwork } from '../address.ts';
import { bind, boolArg } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import { type Side, sidesOf } from '../sides.ts';
import type { ContextFunction, FunctionContext, FunctionModule } from './context.ts';

const require = createRequire(import.meta.url);

interface Own {
  readonly device: string;
  readonly address: Address;
  readonly netmask: string;
  /** Address with prefix length. */
  readonly cidr: string;
  readonly mac: string;
}

/** Unlike `ip addr` this leaves out devices without an address. */
function own(version?: 4 | 6): Own[] {
  const { networkInterfaces } = require('node:os') as typeof import('node:os');
  const list: Own[] = [];
  for (const [device, entries] of Object.entries(networkInterfaces())) {
    for (const entry of entries ?? []) {
      const address = parseAddress(entry.address);
      if (address === undefined || (version !== undefined && address.version !== version)) continue;
      const prefix = entry.cidr?.split('/')[1] ?? (address.version === 4 ? '32' : '128');
      list.push({
        device,
        address,
        netmask: entry.netmask,
        cidr: `${address.text}/${prefix}`,
        mac: entry.mac,
      });
    }
  }
  return list;
}

function broadcast(one: Own): string {
  const prefix = Number(one.cidr.split('/')[1]);
  const host = (1n << BigInt(32 - prefix)) - 1n;
  const value = one.address.value | host;
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

function interfaces(): unknown {
  const result = new Map<unknown, unknown>();
  for (const one of own()) {
    const known =
      (result.get(one.device) as Map<unknown, unknown> | undefined) ?? new Map<unknown, unknown>();
    if (!result.has(one.device)) {
      result.set(one.device, known);
      known.set('up', true);
      known.set('hwaddr', one.mac);
    }
    const key = one.address.version === 4 ? 'inet' : 'inet6';
    const list = (known.get(key) as unknown[] | undefined) ?? [];
    known.set(key, list);
    list.push(
      one.address.version === 4
        ? new Map<unknown, unknown>([
            ['address', one.address.text],
            ['netmask', one.netmask],
            ['broadcast', broadcast(one)],
            ['label', one.device],
          ])
        : new Map<unknown, unknown>([
            ['address', one.address.text],
            ['prefixlen', one.cidr.split('/')[1]],
            [
              'scope',
              isKind(one.address, 'link-local')
                ? 'link'
                : isKind(one.address, 'loopback')
                  ? 'host'
                  : 'global',
            ],
          ]),
    );
  }
  return result;
}

/** Numerically, as Salt sorts addresses. */
function byValue(a: Own, b: Own): number {
  return a.address.value < b.address.value ? -1 : a.address.value > b.address.value ? 1 : 0;
}

function addresses(version: 4 | 6): ContextFunction {
  const name = version === 4 ? 'network.ip_addrs' : 'network.ip_addrs6';
  return (_context: FunctionContext, args: unknown[], kwargs: Keywords) => {
    const [device, loopback, cidr, kind] = bind(
      name,
      ['interface', 'include_loopback', 'cidr', 'type'],
      args,
      kwargs,
    );
    let list = own(version);
    if (device !== undefined && device !== null) list = list.filter((one) => one.device === str(device));
    if (cidr !== undefined && cidr !== null) {
      const networks = (Array.isArray(cidr) ? cidr : [cidr]).map((text) => {
        const network = parseNetwork(str(text), false);
        if (network === undefined) throw new JinjaError(`"${str(text)}" is no network.`);
        return network;
      });
      list = list.filter((one) => networks.some((network) => inNetwork(one.address, network)));
    } else if (!boolArg(loopback, false)) list = list.filter((one) => !isKind(one.address, 'loopback'));
    if (kind === 'public' || kind === 'private') {
      list = list.filter((one) => isKind(one.address, 'private') === (kind === 'private'));
    }
    return [...new Set(list.sort(byValue).map((one) => one.address.text))];
  };
}

function subnets(version: 4 | 6): ContextFunction {
  return (_context, args, kwargs) => {
    const [devices] = bind('network.subnets', ['interfaces'], args, kwargs);
    const wanted =
      devices === undefined || devices === null ? undefined : Array.isArray(devices) ? devices : [devices];
    const list = own(version)
      .filter(
        (one) => !isKind(one.address, 'loopback') && !(version === 6 && isKind(one.address, 'link-local')),
      )
      .filter((one) => wanted === undefined || wanted.some((device) => str(device) === one.device))
      .map((one) => networkText(parseNetwork(one.cidr, false)!));
    return [...new Set(list)].sort();
  };
}

/** /proc/net/route holds addresses as hexadecimal words in the machine's byte order (proc(5)). */
function defaultRoutes(context: FunctionContext): unknown[] {
  const text = context.host().content('/proc/net/route')?.toString('utf8') ?? '';
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields[1] === '00000000' && fields[7] === '00000000')
    .map((fields) => {
      const bytes = fields[2]!.match(/../g)!.reverse();
      return new Map<unknown, unknown>([
        ['addr_family', 'inet'],
        ['destination', '0.0.0.0'],
        ['flags', 'UG'],
        ['gateway', bytes.map((byte) => Number.parseInt(byte, 16)).join('.')],
        ['interface', fields[0]!],
        ['netmask', '0.0.0.0'],
      ]);
    });
}

function grain(context: FunctionContext, name: string): unknown {
  return context.grains.get(name) ?? '';
}

function device(name: string, args: unknown[]): Own[] {
  const wanted = str(bind(name, ['iface!'], args)[0]);
  return own().filter((one) => one.device === wanted);
}

/**
 * Unlike Salt: the functions network.public and network.private tell the interfaces of this node that lead to the public
 * and to the private network, and its addresses there.
 */
function side(which: 'public' | 'private'): ContextFunction {
  return (context) => {
    const text = (path: string): string => context.host().content(path)?.toString('latin1') ?? '';
    const interfaces = context.grains.get('ip_interfaces');
    const all = isDict(interfaces) ? [...interfaces] : [];
    // ARPHRD_ETHER and ARPHRD_INFINIBAND (linux/if_arp.h); what is not told of is taken for one of them.
    const isTunnel = (name: string): boolean =>
      !['', '1', '32'].includes(text(`/sys/class/net/${name}/type`).trim());
    const found: Side = sidesOf({
      tunnels: new Set(all.map(([name]) => str(name)).filter(isTunnel)),
      addresses: new Map(all.map(([name, own]) => [str(name), (own as Value[]).map(str)])),
      routes: text('/proc/net/route'),
      routes6: text('/proc/net/ipv6_route'),
      inet6: text('/proc/net/if_inet6'),
    })[which];
    return new Map<unknown, unknown>([
      ['interfaces', [...found.interfaces]],
      ['addresses', [...found.addresses]],
    ]);
  };
}

export const functions: FunctionModule = {
  interfaces,
  public: side('public'),
  private: side('private'),
  ip_addrs: addresses(4),
  ipaddrs: addresses(4),
  ip_addrs6: addresses(6),
  ipaddrs6: addresses(6),
  subnets: subnets(4),
  subnets6: subnets(6),
  get_hostname: (context) => grain(context, 'nodename') || str(grain(context, 'host')),
  get_fqdn: (context) => grain(context, 'fqdn'),
  interface: (_context, args) =>
    device('network.interface', args)
      .filter((one) => one.address.version === 4)
      .map(
        (one) =>
          new Map<unknown, unknown>([
            ['address', one.address.text],
            ['netmask', one.netmask],
            ['broadcast', broadcast(one)],
            ['label', one.device],
          ]),
      ),
  interface_ip: (_context, args) =>
    device('network.interface_ip', args).find((one) => one.address.version === 4)?.address.text ?? '',
  hw_addr: (_context, args) => device('network.hw_addr', args)[0]?.mac ?? '',
  hwaddr: (_context, args) => device('network.hwaddr', args)[0]?.mac ?? '',
  default_route: (context, args) => {
    const [family] = bind('network.default_route', ['family'], args);
    return family === 'inet6' ? [] : defaultRoutes(context);
  },
  in_subnet: (_context, args) => {
    const text = str(bind('network.in_subnet', ['cidr!'], args)[0]);
    const network = parseNetwork(text, false);
    if (network === undefined) throw new JinjaError(`"${text}" is no network.`);
    return own().some((one) => inNetwork(one.address, network));
  },
  ip_in_subnet: (_context, args) => {
    const [address, cidr] = bind('network.ip_in_subnet', ['ip_addr!', 'cidr!'], args);
    const one = parseAddress(str(address));
    const network = parseNetwork(str(cidr), false);
    return one !== undefined && network !== undefined && inNetwork(one, network);
  },
  is_loopback: (_context, args) => isOfKind('is_loopback', args, 'loopback'),
  is_private: (_context, args) => isOfKind('is_private', args, 'private'),
};

function isOfKind(name: string, args: unknown[], kind: string): boolean {
  const text = str(bind(`network.${name}`, ['ip_addr!'], args)[0]);
  const address = parseAddress(text);
  if (address === undefined) throw new JinjaError(`"${text}" is no IP address.`);
  return isKind(address, kind);
}
