/** Records of zones that take dynamic updates: finds zone and primary server, reads, and changes (RFC 2136). */
import type {
  DnsCondition,
  DnsEffect,
  DnsKey,
  DnsRecord,
  DnsService,
  RecordQuery,
  Records,
} from '../core/dns.ts';
import { sameRecord } from '../core/dns.ts';
import { type RecordType, recordTypes } from '../core/dns-data.ts';
import {
  type InMessage,
  type InRecord,
  type OutMessage,
  type OutRecord,
  packMessage,
} from '../core/dns-message.ts';
import { canonicalName, isWithin } from '../core/dns-name.ts';
import { HostTrouble, type Performed } from '../core/host.ts';
import { askServer, mostByUdp, type Nameserver, type Patience } from './dns-ask.ts';
import { unmetCondition } from './dns-condition.ts';
import { failed } from './trouble.ts';

type Rfc2136 = Extract<DnsService, { provider: 'rfc2136' }>;

const classIn = 1;

interface Place {
  readonly server: Nameserver;
  readonly zone: string;
}

export async function readRecords(
  { service, zone, name, type }: RecordQuery & { service: Rfc2136 },
  patience: Patience,
): Promise<Records> {
  const place = await placeOf(service, { name, type }, zone, patience);
  const { server } = place;
  const request = { opcode: 'QUERY', question: { name, type }, payload: mostByUdp } as const;
  const { message } = await askServer(server, request, service.key, patience);
  if (!['NOERROR', 'NXDOMAIN'].includes(message.rcode)) throw refusedToTell(message, server, name, service);
  const isOwn = (record: InRecord) => canonicalName(record.name) === name;
  const records = [
    ...message.answer.filter(isOwn),
    // RFC 1034, 4.3.2: the parent zone tells of its delegations as of something elsewhere.
    ...(type === 'NS' && message.answer.length === 0
      ? message.authority.filter((record) => isOwn(record) && record.type === 'NS')
      : []),
  ].flatMap((record) => recordOf(record, name, type));
  if (records.length === 0 && !message.isAuthoritative) throw notItsOwn(message, server, name);
  return { zone: place.zone, records };
}

function recordOf(record: InRecord, name: string, type: RecordType): DnsRecord[] {
  const { data, ttl } = record;
  if (record.class !== classIn || data === undefined) return [];
  const own = recordTypes.find((one) => one === record.type && (one === type || one === 'CNAME'));
  return own ? [{ name, type: own, ttl, data }] : [];
}

/** Without a server: the one that the zone's SOA record names, as nsupdate(1) finds it. */
async function placeOf(
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

function refusedToTell(
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

function notItsOwn(message: InMessage, { title }: Nameserver, name: string): HostTrouble {
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

async function resolver(): Promise<Nameserver> {
  const [first] = process.getBuiltinModule('node:dns').getServers();
  if (first === undefined) {
    throw new HostTrouble('This machine has no resolver by which the zone could be found.', 'Give `server`.');
  }
  return await nameserver(first);
}

/** One message, which the server carries out wholly or not at all (RFC 2136, 3.7). */
export async function changeRecords(
  effect: DnsEffect & { service: Rfc2136 },
  patience: Patience,
): Promise<Performed> {
  const { service, zone, remove, add, conditions = [] } = effect;
  const first = [...remove, ...add][0];
  if (first === undefined) return { became: 'done' };
  const request = {
    opcode: 'UPDATE',
    question: { name: zone, type: 'SOA' },
    answer: conditions.map(prerequisite),
    authority: [
      ...remove.map((record) => outRecord(record, 'NONE')),
      ...add.map((record) => outRecord(record, 'IN')),
    ],
  } as const;
  if (!fitsMessage(request))
    return failed(
      `The change of ${first.name} is too large for one message.`,
      'Give fewer or shorter values.',
    );
  const { server } = await placeOf(service, first, zone, patience);
  const { message, inDoubt } = await askServer(server, request, service.key, patience);
  if (message.rcode === 'NOERROR') return { became: 'done' };
  const unmet = ['YXDOMAIN', 'YXRRSET'].includes(message.rcode);
  // What was asked for once may have been done although no answer came, and then is not as it was.
  if (unmet && inDoubt && (await isDone(effect, patience))) return { became: 'done' };
  return unmet ? unmetCondition(conditions) : rejected(message.rcode, server, effect);
}

/** RFC 1035, 4.2.2: its length is told in two bytes; the signature comes on top. */
function fitsMessage(request: Omit<OutMessage, 'id'>): boolean {
  try {
    return packMessage({ ...request, id: 0 }).length < 65_000;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function outRecord({ name, type, ttl, data }: DnsRecord, className: 'IN' | 'NONE'): OutRecord {
  return { name, type, class: className, ttl: className === 'IN' ? ttl : 0, data };
}

/** RFC 2136, 2.4.3 and 2.4.5. */
function prerequisite({ name, type }: DnsCondition): OutRecord {
  return { name, type: type ?? 'ANY', class: 'NONE' };
}

async function isDone(effect: DnsEffect & { service: Rfc2136 }, patience: Patience): Promise<boolean> {
  const { service, zone, add, remove } = effect;
  const asked = new Map([...add, ...remove].map(({ name, type }) => [`${name} ${type}`, { name, type }]));
  for (const { name, type } of asked.values()) {
    const { records } = await readRecords({ service, zone, name, type }, patience);
    const has = (wanted: DnsRecord) => records.some((record) => sameRecord(record, wanted));
    const own = (record: DnsRecord) => record.name === name && record.type === type;
    if (!add.filter(own).every(has)) return false;
    if (remove.filter((one) => own(one) && !add.some((new_) => sameRecord(new_, one))).some(has))
      return false;
  }
  return true;
}

function rejected(rcode: string, { title }: Nameserver, { zone, service }: DnsEffect): Performed {
  const key = service.provider === 'rfc2136' ? service.key : undefined;
  const who = key ? `the key "${key.name}"` : 'anybody without a key';
  switch (rcode) {
    case 'REFUSED':
      return failed(
        `The nameserver ${title} refuses changes of the zone ${zone} by ${who} (REFUSED).`,
        'It has to be allowed there (BIND: update-policy or allow-update; Knot: acl; PowerDNS: TSIG-ALLOW-DNSUPDATE). BIND also refuses MX records whose target has no address. Its log tells which it is.',
      );
    case 'NOTAUTH':
      return failed(
        `The nameserver ${title} is not the primary of the zone ${zone}, or takes no changes by ${who} (NOTAUTH).`,
        key ? 'Check `server` and `zone`.' : 'Give the key by which the zone may be changed.',
      );
    case 'NOTZONE':
      return failed(`The nameserver ${title} says that the name is not in the zone ${zone} (NOTZONE).`);
    case 'NOTIMP':
      return failed(
        `The nameserver ${title} takes no dynamic updates (NOTIMP).`,
        'They have to be enabled there (PowerDNS: dnsupdate=yes).',
      );
    case 'SERVFAIL':
      return failed(
        `The nameserver ${title} could not change the zone ${zone} (SERVFAIL), several times.`,
        'See its log: often it may not write zone file or journal, or there are too many records of one name (BIND: max-records-per-type).',
      );
    default:
      return failed(`The nameserver ${title} did not change the zone ${zone} (${rcode}).`, 'See its log.');
  }
}
