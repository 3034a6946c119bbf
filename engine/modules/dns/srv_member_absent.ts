/** dns.srv_member_absent: this node is not found as a member of a service. */
import type { DnsRecord, DnsService, Records } from '../../core/dns.ts';
import type { RecordType } from '../../core/dns-data.ts';
import { serviceOf, serviceProperties } from '../../core/dns-service.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { lookForOwn, queryOf } from './_look.ts';
import { isOwn, type Member, memberOf, memberProperties } from './_member.ts';
import { difference, stepsOf } from './_set.ts';

interface Now {
  readonly service: DnsService;
  readonly member: Member;
  readonly sets: readonly (Records & { readonly name: string; readonly type: RecordType })[];
}

export default defineState({
  summary: 'this node is not found as a member of the service',
  description: `
The SRV records with the name of the node as target are removed, whatever their port, and no others. With \`addresses\` its
name and the one with \`internal.\` before it lose their addresses too.

Unlike Salt: dns.srv_member_absent is not one of Salt's states.`,
  properties: {
    ...memberProperties,
    addresses: {
      type: 'boolean',
      default: false,
      description:
        'Also remove all A and AAAA records of the target and of `internal.` before it: for a node that leaves for good.',
    },
    ...serviceProperties,
  },
  examples: [
    {
      title: 'a node that is taken out of service',
      sls: `_app._tcp.example.org:
  dns.srv_member_absent:
    - target: app1.example.org
    - addresses: true
    - server: 198.51.100.2
`,
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const told = serviceOf(args, reader);
    if ('refused' in told) return told;
    const member = memberOf(args, reader);
    if ('refused' in member) return member;
    const names = args.addresses ? [member.target, member.internal] : [];
    const wanted: { name: string; type: RecordType }[] = [
      { name: member.service, type: 'SRV' },
      ...names.flatMap((name) => (['A', 'AAAA'] as const).map((type) => ({ name, type }))),
    ];
    const sets: (Records & { readonly name: string; readonly type: RecordType })[] = [];
    for (const { name, type } of wanted) {
      const query = queryOf(told, name, type);
      if ('refused' in query) return query;
      sets.push({ name, type, ...(await lookForOwn(reader, query)) });
    }
    return { service: told.service, member, sets };
  },
  plan(_, now) {
    if ('refused' in now) return now;
    const { service, member, sets } = now;
    const differences = sets.map(({ name, type, zone, records }) => {
      const removes = (record: DnsRecord) => type !== 'SRV' || isOwn(record, member);
      return difference({ name, type, data: [], removes }, zone, records);
    });
    return stepsOf(service, differences);
  },
});
