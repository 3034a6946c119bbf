/** What a name has, and what is in the way. */
import { type DnsRecord, type RecordQuery, type Records, sameRecord } from '../../core/dns.ts';
import { type RecordType, recordTypes } from '../../core/dns-data.ts';
import { type Service, strayed } from '../../core/dns-service.ts';
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

/** Refused where the name is not in the zone that is told. */
export function queryOf({ service, zoneOf }: Service, name: string, type: RecordType): RecordQuery | Refusal {
  const zone = zoneOf(name);
  return strayed(name, zone) ?? { service, name, type, ...(zone === undefined ? {} : { zone }) };
}

/** The records of the type alone. */
export async function look(reader: Reader, query: RecordQuery): Promise<Records> {
  const { zone, records } = await reader.records(query);
  return { zone, records: records.filter(({ type }) => type === query.type) };
}

/** Those that are really there, and not made up for any name by a wildcard. */
export async function lookForOwn(reader: Reader, query: RecordQuery): Promise<Records> {
  const found = await look(reader, query);
  return { ...found, records: await own(reader, query, found) };
}

async function own(
  reader: Reader,
  query: RecordQuery,
  { zone, records }: Records,
): Promise<readonly DnsRecord[]> {
  const { name } = query;
  if (records.length === 0 || name === zone || name.startsWith('*.')) return records;
  const stranger = name.replace(/^[^.]+/, 'no-such-name-as-this');
  const { records: madeUp } = await reader.records({ ...query, zone, name: stranger });
  return records.filter((record) => !madeUp.some((one) => sameRecord({ ...one, name }, record)));
}

/**
 * Why the name cannot have a record of this type: an alias has no others (RFC 2181, 10.1). Asked only where there is none
 * of the type yet.
 */
export async function obstacle(
  reader: Reader,
  query: RecordQuery,
  { zone }: Records,
): Promise<string | undefined> {
  const others: readonly RecordType[] =
    query.type === 'CNAME' ? recordTypes.filter((type) => type !== 'CNAME') : ['CNAME'];
  for (const type of others) {
    const { records } = await lookForOwn(reader, { ...query, zone, type });
    const [first] = records;
    if (first === undefined) continue;
    return query.type === 'CNAME'
      ? `${query.name} has ${type} records, beside which there can be no CNAME record.`
      : `${query.name} is an alias (CNAME) of ${first.data}, beside which there can be no other record.`;
  }
  return undefined;
}
