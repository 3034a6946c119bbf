/** Records of zones that take dynamic updates: reads them, and changes them in one message (RFC 2136). */
import type { DnsCondition, DnsEffect, DnsRecord, RecordQuery, Records } from '../core/dns.ts';
import { sameRecord } from '../core/dns.ts';
import { type RecordType, recordTypes } from '../core/dns-data.ts';
import { type InRecord, type OutMessage, type OutRecord, packMessage } from '../core/dns-message.ts';
import { canonicalName } from '../core/dns-name.ts';
import type { Performed } from '../core/host.ts';
import { askServer, mostByUdp, type Nameserver, type Patience } from './dns-ask.ts';
import { unmetCondition } from './dns-condition.ts';
import { notItsOwn, placeOf, type Rfc2136, refusedToTell } from './nameserver.ts';
import { failed } from './trouble.ts';

const classIn = 1;

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
  // RFC 1034, 4.3.2: a zone tells of its delegations as of something elsewhere.
  const cut =
    type === 'NS' ? message.authority.filter((record) => isOwn(record) && record.type === 'NS') : [];
  if (!message.isAuthoritative && cut.length === 0) throw notItsOwn(message, server, name);
  const own = message.isAuthoritative ? message.answer.filter(isOwn) : cut;
  const records = own.flatMap((record) => recordOf(record, name, type));
  return { zone: place.zone, records };
}

function recordOf(record: InRecord, name: string, type: RecordType): DnsRecord[] {
  const { data, ttl } = record;
  if (record.class !== classIn || data === undefined) return [];
  const own = recordTypes.find((one) => one === record.type && (one === type || one === 'CNAME'));
  return own ? [{ name, type: own, ttl, data }] : [];
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
