/** Finds the nameserver to ask and to change: its addresses, and the zone that a name is in. */
import type { DnsKey, DnsRecord, DnsService } from '../core/dns.ts';
import type { RecordType } from '../core/dns-data.ts';
import type { InMessage } from '../core/dns-message.ts';
import { canonicalName, isWithin } from '../core/dns-name.ts';
import { HostTrouble } from '../core/host.ts';
import { askServer, mostByUdp, type Nameserver, type Patience } from './dns-ask.ts';

export type Rfc2136 = Extract<DnsService, { provider: 'rfc2136' }>;

interface Place {
  readonly server: Nameserver;
  readonly zone: string;
}

/** Without a server: the one that the zone's SOA record names, as nsupdate(1) finds it. */
export async function placeOf(
  service: Rfc2136,
  { name, type }: Pick<DnsRecord, 'name' | 'type'>,
  zone: string | undefined,
  patience: Patience,
): Promise<Place> {
  if (service.server !== undefined) {
    const server = await nameserver(service.server);
    return { server, zone: zone ?? (await zoneOf(server, name, type, service, patience)) };
  }
  const asked = await resolver();
  const wanted = zone ?? name;
  const { message, soa } = await askSoa(asked, wanted, undefined, patience, true);
  if (soa === undefined) {
    throw new HostTrouble(
      `The zone of ${wanted} cannot be found: the resolver ${asked.title} gives no SOA record (${message.rcode}).`,
      'Give `server` and `zone`.',
    );
  }
  if (zone !== undefined && soa.zone !== zone)
    throw new HostTrouble(`There is no zone ${zone}.`, `The zone of that name is ${soa.zone}.`);
  return { server: await nameserver(soa.primary), zone: soa.zone };
}

/** The zone of this server that a name is in. */
async function zoneOf(
  server: Nameserver,
  name: string,
  type: RecordType,
  service: Rfc2136,
  patience: Patience,
): Promise<string> {
  const { message, soa } = await askSoa(server, name, service.key, patience);
  if (soa && message.isAuthoritative) return soa.zone;
  const cut = message.authority.find((record) => record.type === 'NS');
  // The records by which a zone delegates a name are its own, and all that it has of that name.
  if (type === 'NS' && cut && canonicalName(cut.name) === name && name.includes('.'))
    return await zoneOf(server, parentOf(name), 'A', service, patience);
  throw cut ? notItsOwn(message, server, name) : refusedToTell(message, server, name, service);
}

function parentOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

async function askSoa(
  server: Nameserver,
  name: string,
  key: DnsKey | undefined,
  patience: Patience,
  recursive = false,
): Promise<{
  readonly message: InMessage;
  readonly soa?: { readonly zone: string; readonly primary: string };
}> {
  const question = { name, type: 'SOA' } as const;
  const request = { opcode: 'QUERY', recursive, question, payload: mostByUdp } as const;
  const { message } = await askServer(server, request, key, patience);
  const soa = [...message.answer, ...message.authority].find((record) => record.type === 'SOA');
  const zone = soa && canonicalName(soa.name);
  if (soa?.data === undefined || zone === undefined || !isWithin(name, zone)) return { message };
  return { message, soa: { zone, primary: soa.data.split(' ')[0]! } };
}

export function refusedToTell(
  message: InMessage,
  { title }: Nameserver,
  name: string,
  { key }: Rfc2136,
): HostTrouble {
  const { rcode } = message;
  // PowerDNS says no more than that of keys and signatures it does not accept.
  if (rcode === 'NOTAUTH' && key) {
    return new HostTrouble(
      `The nameserver ${title} does not accept the signature by the key "${key.name}" (NOTAUTH).`,
      'Name, algorithm and secret have to be those of the key in its configuration.',
    );
  }
  if (['REFUSED', 'NOTAUTH', 'NOERROR', 'NXDOMAIN'].includes(rcode)) {
    return new HostTrouble(
      `The nameserver ${title} has no zone in which ${name} could be (${rcode}).`,
      'Check the name, and that the zone is set up there and may be asked for from here.',
    );
  }
  return new HostTrouble(`The nameserver ${title} cannot tell of ${name} (${rcode}).`, 'See its log.');
}

export function notItsOwn(message: InMessage, { title }: Nameserver, name: string): HostTrouble {
  const cut = message.authority.find((record) => record.type === 'NS');
  const delegated = cut && canonicalName(cut.name);
  if (!delegated || delegated === '.') {
    return new HostTrouble(
      `The nameserver ${title} does not keep the zone of ${name} itself.`,
      'Name the primary server of the zone, not one that asks others.',
    );
  }
  return new HostTrouble(
    `${name} is not kept by the nameserver ${title}: ${delegated} is delegated to others.`,
    `Name the primary server of the zone ${delegated}.`,
  );
}

/** Address, or name to be looked up by this machine; with the port if it is not 53. */
export async function nameserver(text: string): Promise<Nameserver> {
  const [, inBrackets, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = inBrackets ?? plain ?? text;
  const port = Number(digits ?? 53);
  const { lookup } = process.getBuiltinModule('node:dns').promises;
  try {
    const found = await lookup(host, { all: true });
    return { title: text, addresses: found.map(({ address }) => address), port };
  } catch {
    throw new HostTrouble(
      `The nameserver ${text} cannot be found: its name has no address.`,
      'Name its address.',
    );
  }
}

/** Those of this machine as they are now: a process that goes on would be told of those it was started with. */
export function ownResolvers(): string[] {
  const { Resolver } = process.getBuiltinModule('node:dns');
  return new Resolver().getServers();
}

async function resolver(): Promise<Nameserver> {
  const [first] = ownResolvers();
  if (first === undefined) {
    throw new HostTrouble('This machine has no resolver by which the zone could be found.', 'Give `server`.');
  }
  return await nameserver(first);
}
