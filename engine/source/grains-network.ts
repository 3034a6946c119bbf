/** What this node is called, and its addresses; names are looked up in files only, never in DNS. */
import type { Dict, Value } from '../core/value.ts';
import type { Facts } from './grains.ts';
import { type FactSources, firstLine } from './grains-facts.ts';

export function nameGrains(facts: FactSources): Facts {
  const name = hostName(facts);
  const fqdn = fullName(facts, name);
  const dot = fqdn.indexOf('.');
  return [
    ['host', dot < 0 ? fqdn : fqdn.slice(0, dot)],
    ['fqdn', fqdn],
    ['domain', dot < 0 ? '' : fqdn.slice(dot + 1)],
    ['nodename', name],
    ['localhost', name],
    ['fqdns', fqdn.includes('.') ? [fqdn] : []],
  ];
}

/** An image does not run, so its name is in its file. */
function hostName({ installed, image, system }: FactSources): string {
  return (image ? firstLine(installed.text('/etc/hostname')) : undefined) ?? system.hostname;
}

/** As getaddrinfo(3) finds it in hosts(5): the first name with a dot among those of the host's line. */
function fullName(facts: FactSources, name: string): string {
  if (name.includes('.')) return name;
  for (const { names } of hosts(facts)) {
    if (!names.includes(name)) continue;
    const full = names.find((one) => one.includes('.') && !one.startsWith('localhost'));
    if (full) return full;
  }
  return name;
}

function hosts({ installed }: FactSources): { address: string; names: string[] }[] {
  return (installed.text('/etc/hosts') ?? '').split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return address && names.length > 0 ? [{ address, names }] : [];
  });
}

export function addressGrains(facts: FactSources): Facts {
  const { machine, system } = facts;
  const interfaces = system.interfaces;
  const names = [...new Set([...machine.list('/sys/class/net'), ...Object.keys(interfaces)])]
    // Aliases and the control file of the bonding driver are no interfaces.
    .filter((name) => name !== 'bonding_masters')
    .sort();
  const addresses = (name: string, family?: string): string[] =>
    (interfaces[name] ?? [])
      .filter((one) => family === undefined || one.family === family)
      .map((one) => one.address.split('%')[0]!);
  const byInterface = (value: (name: string) => Value): Dict =>
    new Map(names.map((name) => [name, value(name)]));
  const all = (family: string): string[] =>
    [...new Set(names.flatMap((name) => addresses(name, family)))].sort();
  const fqdn = fullName(facts, hostName(facts));
  const named = hosts(facts).flatMap((line) => (line.names.includes(fqdn) ? [line.address] : []));
  const gateway = defaultGateway(machine.text('/proc/net/route'));
  return [
    ['ipv4', all('IPv4')],
    ['ipv6', all('IPv6')],
    ['ip4_interfaces', byInterface((name) => addresses(name, 'IPv4'))],
    ['ip6_interfaces', byInterface((name) => addresses(name, 'IPv6'))],
    ['ip_interfaces', byInterface((name) => addresses(name))],
    ['hwaddr_interfaces', hardwareAddresses(facts, names)],
    ['fqdn_ip4', named.filter((address) => !address.includes(':'))],
    ['fqdn_ip6', named.filter((address) => address.includes(':'))],
    ['ip_gw', gateway !== undefined],
    ['ip4_gw', gateway ?? false],
    ['dns', resolver(facts)],
  ];
}

function hardwareAddresses({ machine, system }: FactSources, names: readonly string[]): Dict {
  return new Map(
    names.flatMap((name): [string, string][] => {
      const address =
        firstLine(machine.text(`/sys/class/net/${name}/address`)) ?? system.interfaces[name]?.[0]?.mac;
      return address ? [[name, address]] : [];
    }),
  );
}

/** The gateway of the default route of /proc/net/route, whose addresses are hexadecimal in the host's byte order. */
function defaultGateway(table: string | undefined): string | undefined {
  for (const line of table?.split('\n').slice(1) ?? []) {
    const [, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
    if (destination !== '00000000' || mask !== '00000000' || !/^[0-9A-F]{8}$/.test(gateway ?? '')) continue;
    const bytes = gateway!.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
    if (bytes.some((byte) => byte !== 0)) return bytes.reverse().join('.');
  }
  return undefined;
}

/** resolv.conf(5). */
function resolver({ installed }: FactSources): Dict {
  const servers: string[] = [];
  let search: string[] = [];
  let domain = '';
  let options: string[] = [];
  for (const line of (installed.text('/etc/resolv.conf') ?? '').split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && words[0]) servers.push(words[0]);
    if (keyword === 'search') search = words;
    if (keyword === 'domain') domain = words[0] ?? '';
    if (keyword === 'options') options = words;
  }
  return new Map<Value, Value>([
    ['nameservers', servers],
    ['ip4_nameservers', servers.filter((server) => !server.includes(':'))],
    ['ip6_nameservers', servers.filter((server) => server.includes(':'))],
    ['domain', domain],
    ['search', search],
    ['options', options],
  ]);
}
