/** Compares the records of one name and type with those that are wanted. */
import {
  type DnsCondition,
  type DnsEffect,
  type DnsRecord,
  type DnsService,
  sameRecord,
} from '../../core/dns.ts';
import { type RecordType, shownData } from '../../core/dns-data.ts';
import type { Change, Step } from '../../core/state.ts';

/** Seconds, where neither a state nor the records that are there say anything. */
const usualTtl = 300;

export interface Wanted {
  readonly name: string;
  readonly type: RecordType;
  /** As in a zone file, spelled as they are compared. */
  readonly data: readonly string[];
  readonly ttl?: number;
  readonly proxied?: boolean;
  /** Whether a record that is there and not wanted is to go. */
  removes(record: DnsRecord): boolean;
}

/** What has to be done to one zone, as one change of all or nothing. */
export interface Difference {
  readonly zone: string;
  readonly changes: readonly Change[];
  readonly remove: readonly DnsRecord[];
  readonly add: readonly DnsRecord[];
  readonly conditions: readonly DnsCondition[];
}

/** Undefined where all is as it should be. */
export function difference(
  wanted: Wanted,
  zone: string,
  present: readonly DnsRecord[],
): Difference | undefined {
  const { name, type } = wanted;
  const gone = present.filter((record) => wanted.removes(record) && !isWanted(record));
  const kept = present.filter(isWanted);
  const [like = present[0]] = kept;
  const ttl = wanted.ttl ?? like?.ttl ?? usualTtl;
  const proxied = wanted.proxied ?? like?.proxied;
  const records = wanted.data.map((data): DnsRecord => {
    return { name, type, ttl, data, ...(proxied === undefined ? {} : { proxied }) };
  });
  const missing = records.filter((record) => !present.some((one) => sameRecord(one, record)));
  const unlike = kept.filter((record) => isUnlike(record, wanted));
  if (gone.length === 0 && missing.length === 0 && unlike.length === 0) return undefined;
  return {
    zone,
    changes: [
      ...(gone.length + missing.length > 0 ? [valuesChange(wanted, present, [...kept, ...missing])] : []),
      ...(unlike.length > 0 ? settingChanges(wanted, unlike[0]!) : []),
    ],
    // Of some nameservers a record only gets another TTL by being taken away and added again.
    remove: [...gone, ...unlike],
    add: [...missing, ...records.filter((record) => unlike.some((one) => sameRecord(one, record)))],
    conditions: present.length === 0 && missing.length > 0 ? [conditionOf(name, type)] : [],
  };

  function isWanted(record: DnsRecord): boolean {
    return wanted.data.some((data) => sameRecord({ ...record, data }, record));
  }
}

/** What is proxied has a TTL of its own. */
function isUnlike(record: DnsRecord, { ttl, proxied = record.proxied ?? false }: Wanted): boolean {
  return proxied !== (record.proxied ?? false) || (ttl !== undefined && !proxied && ttl !== record.ttl);
}

function settingChanges({ name, type, ttl, proxied }: Wanted, old: DnsRecord): Change[] {
  const subject = `${name} ${type}`;
  return [
    ...(ttl === undefined || ttl === old.ttl
      ? []
      : [{ subject: `TTL of ${subject}`, old: old.ttl, new: ttl }]),
    ...(proxied === undefined || proxied === (old.proxied ?? false)
      ? []
      : [{ subject: `proxy of ${subject}`, old: old.proxied ?? false, new: proxied }]),
  ];
}

function valuesChange(wanted: Wanted, present: readonly DnsRecord[], after: readonly DnsRecord[]): Change {
  const { name, type } = wanted;
  const shown = (records: readonly DnsRecord[]) =>
    records.length === 0 ? undefined : records.map(({ data }) => shownData(type, data)).sort();
  const concerned = present.filter((record) => wanted.removes(record) || after.includes(record));
  return { subject: `${name} ${type}`, old: shown(concerned), new: shown(after) };
}

function conditionOf(name: string, type: RecordType): DnsCondition {
  return type === 'CNAME' ? { name } : { name, type: 'CNAME' };
}

/** One step for each zone: its nameserver makes all of the changes or none. */
export function stepsOf(service: DnsService, differences: readonly (Difference | undefined)[]): Step[] {
  const found = differences.filter((one) => one !== undefined);
  return [...new Set(found.map(({ zone }) => zone))].map((zone) => {
    const own = found.filter((one) => one.zone === zone);
    const [change, ...also] = own.flatMap(({ changes }) => changes);
    const conditions = own.flatMap((one) => one.conditions);
    const effect: DnsEffect = {
      kind: 'dns',
      service,
      zone,
      remove: own.flatMap(({ remove }) => remove),
      add: own.flatMap(({ add }) => add),
      ...(conditions.length > 0 ? { conditions } : {}),
    };
    return { change: change!, ...(also.length > 0 ? { also } : {}), effect };
  });
}
