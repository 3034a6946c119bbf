/** Records of the DNS as states speak of them: where they are kept, what is asked, and what is to become of them. */
import { canonicalData, type RecordType } from './dns-data.ts';

export interface DnsRecord {
  /** In the spelling of `domainName`. */
  readonly name: string;
  readonly type: RecordType;
  /** Seconds. Cloudflare: 1 means "automatic". */
  readonly ttl: number;
  /** As in a zone file (RFC 1035, 5.1): `10 mail.example.org`, `"a text"`. */
  readonly data: string;
  /** Cloudflare: web requests go through their network. */
  readonly proxied?: boolean;
}

/** A key that signs messages (TSIG, RFC 8945). */
export interface DnsKey {
  readonly name: string;
  /** `hmac-sha256` and the like. */
  readonly algorithm: string;
  /** Base64. */
  readonly secret: string;
}

/** Who keeps the records, and what has to be shown to change them. */
export type DnsService =
  | {
      readonly provider: 'rfc2136';
      /** `host`, `host:port` or `[address]:port` of the primary; found by the zone's SOA record unless told. */
      readonly server?: string;
      readonly key?: DnsKey;
    }
  | {
      readonly provider: 'cloudflare';
      readonly token: string;
      /** Where its API is; Cloudflare's own place unless told. */
      readonly url?: string;
    };

export interface RecordQuery {
  readonly service: DnsService;
  /** Found by the name unless told. */
  readonly zone?: string;
  readonly name: string;
  readonly type: RecordType;
}

export interface Records {
  /** The zone that the name belongs to. */
  readonly zone: string;
  /** Those of the type, and a CNAME record, beside which there can be no other. */
  readonly records: readonly DnsRecord[];
}

/** There is no record of this type, or none at all where no type is told; otherwise nothing is changed. */
export interface DnsCondition {
  readonly name: string;
  readonly type?: RecordType;
}

/**
 * Adds and removes single records of one zone, all or none, and touches no other. To remove what is not there, or to add
 * what is, is no error; a record that is added again takes the TTL it is added with.
 */
export interface DnsEffect {
  readonly kind: 'dns';
  readonly service: DnsService;
  readonly zone: string;
  readonly remove: readonly DnsRecord[];
  readonly add: readonly DnsRecord[];
  readonly conditions?: readonly DnsCondition[];
}

/** The same record, whatever its TTL and spelling. */
export function sameRecord(one: DnsRecord, other: DnsRecord): boolean {
  return (
    one.name === other.name &&
    one.type === other.type &&
    (one.data === other.data || canonicalData(one.type, one.data) === canonicalData(other.type, other.data))
  );
}

/** What a name's records are after a change: for a dry run. */
export function afterChange(
  records: readonly DnsRecord[],
  query: RecordQuery,
  effect: DnsEffect,
): DnsRecord[] {
  const concerned = ({ name, type }: DnsRecord) =>
    name === query.name && (type === query.type || type === 'CNAME');
  const added = effect.add.filter(concerned);
  const gone = [...effect.remove, ...added];
  const kept = records.filter((record) => !gone.some((one) => sameRecord(one, record)));
  return [...kept.map((record) => withTtl(record, added, effect.service)), ...added];
}

/** RFC 2181, 5.2: all records of a set have one TTL, so nameservers give theirs that of the record added last. */
function withTtl(record: DnsRecord, added: readonly DnsRecord[], { provider }: DnsService): DnsRecord {
  const last = added.findLast(({ type }) => type === record.type);
  return last && provider === 'rfc2136' ? { ...record, ttl: last.ttl } : record;
}

/** What tells services apart: the same records are seen at the same place, by whatever key. */
export function placeOf(service: DnsService): string {
  return service.provider === 'rfc2136'
    ? `rfc2136 ${service.server ?? ''}`
    : `cloudflare ${service.url ?? ''}`;
}
