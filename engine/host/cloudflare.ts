/** Records of zones at Cloudflare: finds the zone, reads, and changes in one transaction. */
import type { DnsCondition, DnsEffect, DnsRecord, RecordQuery, Records } from '../core/dns.ts';
import { sameRecord } from '../core/dns.ts';
import { recordTypes } from '../core/dns-data.ts';
import { HostTrouble, type Performed } from '../core/host.ts';
import {
  type Answer,
  attempts,
  type Cloudflare,
  callForAll,
  refusal,
  send,
  waits,
} from './cloudflare-api.ts';
import { type ApiRecord, bodyOf, dataOf } from './cloudflare-record.ts';
import type { DnsMeans } from './dns.ts';
import { unmetCondition } from './dns-condition.ts';

/** So many records that one page usually holds all there are of a name. */
const perPage = 1000;

interface KeptRecord extends DnsRecord {
  readonly id: string;
}

export async function readRecords(
  query: RecordQuery & { service: Cloudflare },
  means: DnsMeans,
): Promise<Records> {
  const { service, name, type } = query;
  const zone = await findZone(service, query.zone, name, means);
  const all = await listRecords(service, zone.id, name, means);
  const records = all.filter((record) => record.type === type || record.type === 'CNAME');
  return { zone: zone.name, records: records.map(({ id: _, ...record }) => record) };
}

interface Zone {
  readonly id: string;
  readonly name: string;
}

async function findZone(
  service: Cloudflare,
  given: string | undefined,
  name: string,
  means: DnsMeans,
): Promise<Zone> {
  const labels = name.split('.');
  const candidates = given ? [given] : labels.slice(0, -1).map((_, from) => labels.slice(from).join('.'));
  for (const candidate of candidates) {
    const key = JSON.stringify([service, candidate]);
    const known = means.zoneIds.get(key);
    if (known !== undefined) return { id: known, name: candidate };
    const found = (await callForAll(
      service,
      `zones?name=${encodeURIComponent(candidate)}&per_page=50`,
      means,
    )) as Zone[];
    const zone = found.find((one) => one.name === candidate && typeof one.id === 'string');
    if (zone === undefined) continue;
    means.zoneIds.set(key, zone.id);
    return { id: zone.id, name: candidate };
  }
  throw new HostTrouble(
    given
      ? `Cloudflare shows no zone ${given} to this token.`
      : `Cloudflare shows no zone to this token in which ${name} could be.`,
    'Check the name, and that the token may read the zone (Zone: Read) and edit its records (DNS: Edit).',
  );
}

/** All records of a name, of the types that are known here. */
async function listRecords(
  service: Cloudflare,
  zone: string,
  name: string,
  means: DnsMeans,
): Promise<KeptRecord[]> {
  const path = `zones/${encodeURIComponent(zone)}/dns_records?name.exact=${encodeURIComponent(name)}&per_page=${perPage}`;
  const found = (await callForAll(service, path, means)) as ApiRecord[];
  return found.flatMap((record) => {
    const type = recordTypes.find((one) => one === record.type);
    if (type === undefined || record.name.toLowerCase() !== name) return [];
    const data = dataOf(type, record);
    const proxied = record.proxied === undefined ? {} : { proxied: record.proxied };
    return [{ id: record.id, name, type, ttl: record.ttl, data, ...proxied }];
  });
}

interface Batch {
  readonly deletes: readonly { readonly id: string }[];
  readonly patches: readonly object[];
  readonly posts: readonly object[];
}

/**
 * An answer that is lost, or somebody who is quicker, makes it look anew: so what was done is not done twice, and what was
 * not is.
 */
export async function changeRecords(
  effect: DnsEffect & { service: Cloudflare },
  means: DnsMeans,
): Promise<Performed> {
  const { service, zone, add, remove, conditions = [] } = effect;
  const { id } = await findZone(service, zone, zone, means);
  const names = new Set([...add, ...remove, ...conditions].map(({ name }) => name));
  let trouble: Answer | undefined;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const present: KeptRecord[] = [];
    for (const name of names) present.push(...(await listRecords(service, id, name, means)));
    const batch = batchOf(effect, present);
    if (Object.values(batch).every(({ length }) => length === 0)) return { became: 'done' };
    const unmet = conditions.filter((condition) => !isMet(condition, present));
    if (unmet.length > 0) return unmetCondition(unmet);
    const path = `zones/${encodeURIComponent(id)}/dns_records/batch`;
    trouble = await send(service, path, 'POST', batch);
    if (trouble.good) return { became: 'done' };
    if (!trouble.passing && !trouble.codes.some((code) => crossed.includes(code))) break;
    if (!(await waits(trouble, attempt, means))) break;
  }
  throw refusal(trouble!);
}

/** "An identical record already exists", "a record with those settings already exists", "record does not exist". */
const crossed: readonly number[] = [81_044, 81_057, 81_058];

function batchOf({ add, remove }: DnsEffect, present: readonly KeptRecord[]): Batch {
  const found = (wanted: DnsRecord) => present.find((record) => sameRecord(record, wanted));
  const gone = present.filter(
    (record) => remove.some((one) => sameRecord(one, record)) && !add.some((one) => sameRecord(one, record)),
  );
  return {
    deletes: gone.map(({ id }) => ({ id })),
    patches: add.flatMap((record) => {
      const old = found(record);
      if (old === undefined || isLike(old, record)) return [];
      const proxied = record.proxied ?? old.proxied;
      return [{ id: old.id, ttl: proxied ? 1 : record.ttl, ...(proxied === undefined ? {} : { proxied }) }];
    }),
    posts: add.filter((record) => found(record) === undefined).map(bodyOf),
  };
}

/** What is proxied has a TTL of Cloudflare's own. Whether it is stays as it is where nothing is said of it. */
function isLike(old: DnsRecord, { ttl, proxied = old.proxied ?? false }: DnsRecord): boolean {
  return proxied === (old.proxied ?? false) && (proxied || old.ttl === ttl);
}

function isMet({ name, type }: DnsCondition, present: readonly DnsRecord[]): boolean {
  return !present.some((record) => record.name === name && (type === undefined || record.type === type));
}
