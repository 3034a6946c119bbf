/** dns.record_absent: a name has no such records. */
import { type DnsRecord, type DnsService, sameRecord } from '../../core/dns.ts';
import { type RecordType, recordTypes } from '../../core/dns-data.ts';
import { domainName } from '../../core/dns-name.ts';
import { noName, serviceOf, serviceProperties, wrong } from '../../core/dns-service.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { lookForOwn, queryOf } from './_look.ts';
import { difference, stepsOf } from './_set.ts';
import { valuesOf } from './_values.ts';

interface Now {
  readonly service: DnsService;
  readonly name: string;
  /** Undefined: whatever there is. */
  readonly data?: readonly string[];
  readonly found: readonly {
    readonly type: RecordType;
    readonly zone: string;
    readonly records: readonly DnsRecord[];
  }[];
}

export default defineState({
  summary: 'the name has no such records in the DNS',
  description: `
Records that a wildcard yields for any name are none of this name.

Unlike Salt: dns.record_absent takes the place of ddns.absent; it has the full name in \`name\`.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The full domain name.' },
    type: {
      type: 'string',
      enum: recordTypes,
      description: 'The type of the records. Unless given, those of all these types.',
    },
    values: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description: 'The values to remove, as in `dns.record`. Unless given, all of the type.',
    },
    ...serviceProperties,
  },
  examples: [
    {
      title: 'an address that is no more in use',
      sls: `www.example.org:
  dns.record_absent:
    - type: A
    - values: 192.0.2.11
    - server: 192.0.2.53
`,
    },
    {
      title: 'all of a name',
      sls: `old.example.org:
  dns.record_absent:
    - server: 192.0.2.53
`,
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const told = serviceOf(args, reader);
    if ('refused' in told) return told;
    const name = domainName(args.name);
    if (name === undefined) return noName(args.name);
    const { type: given, values } = args;
    if (values !== undefined && given === undefined)
      return wrong('Values are those of a type, and none is given');
    const data = values && valuesOf(given!, [values].flat());
    if (data && 'refused' in data) return data;
    const types: readonly RecordType[] = given ? [given] : recordTypes;
    const query = queryOf(told, name, types[0]!);
    if ('refused' in query) return query;
    const found = await Promise.all(
      types.map(async (type) => ({ type, ...(await lookForOwn(reader, { ...query, type })) })),
    );
    if (given === undefined && found.some((one) => one.zone === name))
      return wrong(
        `${name} is the zone itself, of which not everything can go`,
        'Give the type of the records.',
      );
    return { service: told.service, name, found, ...(data ? { data } : {}) };
  },
  plan(_, now) {
    if ('refused' in now) return now;
    const { service, name, data, found } = now;
    const differences = found.map(({ type, zone, records }) => {
      const removes = (record: DnsRecord) =>
        data === undefined || data.some((one) => sameRecord({ ...record, data: one }, record));
      return difference({ name, type, data: [], removes }, zone, records);
    });
    return stepsOf(service, differences);
  },
});
