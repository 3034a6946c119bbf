/** dns.srv_member: this node is found as a member of a service. */
import type { DnsService, RecordQuery, Records } from '../../core/dns.ts';
import type { RecordType } from '../../core/dns-data.ts';
import { serviceOf, serviceProperties, wrong } from '../../core/dns-service.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { look, obstacle, queryOf } from './_look.ts';
import { isOwn, type Member, memberOf, memberProperties } from './_member.ts';
import { difference, stepsOf } from './_set.ts';
import { valuesOf } from './_values.ts';

interface AddressSet {
  readonly name: string;
  readonly type: RecordType;
  readonly data: readonly string[];
  readonly found: Records;
}

interface Now {
  readonly service: DnsService;
  readonly member: Member;
  readonly srv: Records;
  readonly addresses: readonly AddressSet[];
  readonly obstacle?: string;
}

export default defineState({
  summary: 'this node is found as a member of the service',
  description: `
The node has one SRV record in the set of the service, with its own name as target, and the addresses of that name and of
\`internal.\` before it are those given. Records of other members are never touched, so any number of nodes can join and
leave at once; all records of a zone are changed together or not at all. A node that leaves does so by
\`dns.srv_member_absent\`.

How the zone is reached is told as for \`dns.record\`. All records of a set have one TTL, so all members should ask for the same.
BIND takes 100 records of one name and type unless \`max-records-per-type\` says more.

Unlike Salt: dns.srv_member is not one of Salt's states.`,
  properties: {
    ...memberProperties,
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description: 'The port of the service on this node.',
    },
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 10,
      description: 'Members with the lowest are asked first.',
    },
    weight: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 10,
      description: 'Share of this node among members of the same priority.',
    },
    ttl: {
      type: 'integer',
      minimum: 0,
      maximum: 2_147_483_647,
      description:
        'Seconds that others may remember the records. Unless given, that of the records that are there, else 300.',
    },
    addresses: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description:
        'All addresses of the target, IPv4 and IPv6. Unless given, its A and AAAA records are left alone.',
    },
    internal_addresses: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description:
        'All addresses of the name `internal.` before the target, for the private network. Unless given, its records are left alone.',
    },
    ...serviceProperties,
  },
  required: ['port'],
  examples: [
    {
      title: 'an application node, found by the load balancers',
      sls: `_app._tcp.example.org:
  dns.srv_member:
    - target: app1.example.org
    - port: 443
    - addresses: 198.51.100.11
    - internal_addresses: 10.77.0.11
    - server: 198.51.100.2
`,
    },
    {
      title: 'a database node that takes less than the others',
      sls: `_db._tcp.example.org:
  dns.srv_member:
    - target: db3.example.org
    - port: 5984
    - weight: 1
    - server: 198.51.100.2
`,
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const told = serviceOf(args, reader);
    if ('refused' in told) return told;
    const member = memberOf(args, reader);
    if ('refused' in member) return member;
    const srvQuery = queryOf(told, member.service, 'SRV');
    if ('refused' in srvQuery) return srvQuery;
    const sets: { data: readonly string[]; query: RecordQuery }[] = [];
    for (const [name, given] of [
      [member.target, args.addresses],
      [member.internal, args.internal_addresses],
    ] as const) {
      for (const type of given === undefined ? [] : (['A', 'AAAA'] as const)) {
        const data = valuesOf(
          type,
          [given!].flat().filter((one) => isOfType(one, type)),
        );
        if ('refused' in data) return wrong(data.refused.replace(/value of.*/, 'address'));
        const query = queryOf(told, name, type);
        if ('refused' in query) return query;
        sets.push({ data, query });
      }
    }
    const srv = await look(reader, srvQuery);
    const obstacles = srv.records.length === 0 ? [await obstacle(reader, srvQuery, srv)] : [];
    const addresses: AddressSet[] = [];
    for (const { data, query } of sets) {
      const found = await look(reader, query);
      if (found.records.length === 0 && data.length > 0) obstacles.push(await obstacle(reader, query, found));
      addresses.push({ name: query.name, type: query.type, data, found });
    }
    const inTheWay = obstacles.find((one) => one !== undefined);
    return { service: told.service, member, srv, addresses, ...(inTheWay ? { obstacle: inTheWay } : {}) };
  },
  plan({ priority, weight, port, ttl }, now) {
    if ('refused' in now) return now;
    if (now.obstacle !== undefined)
      return { refused: now.obstacle, hint: 'Remove it first, by dns.record_absent.' };
    const { service, member, srv, addresses } = now;
    const life = ttl === undefined ? {} : { ttl };
    const data = [`${priority} ${weight} ${port} ${member.target}`];
    // Whoever finds the member also finds where it is.
    return stepsOf(service, [
      ...addresses.map(({ found, ...set }) =>
        difference({ ...set, ...life, removes: () => true }, found.zone, found.records),
      ),
      difference(
        { name: member.service, type: 'SRV', data, ...life, removes: (record) => isOwn(record, member) },
        srv.zone,
        srv.records,
      ),
    ]);
  },
});

/** What is no address at all is refused as one of either type. */
function isOfType(address: string, type: 'A' | 'AAAA'): boolean {
  return address.includes(':') === (type === 'AAAA');
}
