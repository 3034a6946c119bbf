/** dns.record: a name has these records of a type. */
import type { DnsService, Records } from '../../core/dns.ts';
import { type RecordType, recordTypes } from '../../core/dns-data.ts';
import { domainName } from '../../core/dns-name.ts';
import { noName, serviceOf, serviceProperties, wrong } from '../../core/dns-service.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { look, obstacle, queryOf } from './_look.ts';
import { difference, stepsOf } from './_set.ts';
import { valuesOf } from './_values.ts';

interface Now {
  readonly service: DnsService;
  readonly name: string;
  readonly data: readonly string[];
  readonly found: Records;
  readonly obstacle?: string;
}

export default defineState({
  summary: 'the name has these records of the type in the DNS',
  description: `
The nameserver that is changed is asked first, not a cache. Spellings do not count: letters in upper case, a final dot, the
many forms of an IPv6 address, the pieces of a long text. A change adds and removes single records, in one message that is
carried out wholly or not at all, so several nodes can change the records of one name at once. Where there is a key, all
messages are signed (TSIG), questions too: a dry run tells whether the key is right.

Where the zone is kept can be told once, in the pillar:

\`\`\`yaml
dns:
  server: 192.0.2.53
  key:
    name: converge
    secret: …
\`\`\`

For Cloudflare it is \`provider: cloudflare\` and \`token\`. Secrets belong into the encrypted part of the pillar.

All records of one name and type have one TTL: a nameserver gives that of the record added last to the others too. A record
that a wildcard (\`*.example.org\`) yields with the same values counts as there.

Unlike Salt: dns.record takes the place of ddns.present; it has the full name in \`name\`, the type in \`type\`, all values of the name at once in \`values\`, and removes others unless \`exclusive\` is false.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The full domain name.' },
    type: { type: 'string', enum: recordTypes, description: 'The type of the records.' },
    values: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      description:
        'One value or several, as in a zone file: an address; `10 mail.example.org` (MX); `10 5 443 node.example.org` (SRV); `0 issue "letsencrypt.org"` (CAA). Names are full names. A TXT record is the text itself, without quotes.',
    },
    exclusive: {
      type: 'boolean',
      default: true,
      description: 'Remove other records of the name and type. False: they are left alone.',
    },
    ttl: {
      type: 'integer',
      minimum: 0,
      maximum: 2_147_483_647,
      description:
        'Seconds that others may remember the records; 1 means "automatic" at Cloudflare. Unless given, that of the records that are there, else 300.',
    },
    proxied: {
      type: 'boolean',
      description:
        'With `cloudflare`, whether web requests go through its network. Left as it is where nothing is said.',
    },
    ...serviceProperties,
  },
  required: ['type', 'values'],
  examples: [
    {
      title: 'the addresses of a web server',
      sls: `www.example.org:
  dns.record:
    - type: A
    - values:
      - 192.0.2.10
      - 192.0.2.11
    - ttl: 300
    - server: 192.0.2.53
    - key:
        name: converge
        secret: {{ pillar.update_key }}
`,
      pillar: { update_key: 'c2l4dGVlbiBieXRlcyEhIQ==' },
    },
    {
      title: 'who may issue certificates, at Cloudflare',
      sls: `example.org:
  dns.record:
    - type: CAA
    - values: 0 issue "letsencrypt.org"
    - provider: cloudflare
    - token: {{ pillar.cloudflare_token }}
`,
      pillar: { cloudflare_token: 'a-token' },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const told = serviceOf(args, reader);
    if ('refused' in told) return told;
    const name = domainName(args.name);
    if (name === undefined) return noName(args.name);
    const type: RecordType = args.type;
    const data = valuesOf(type, [args.values].flat());
    if ('refused' in data) return data;
    if (type === 'CNAME' && data.length > 1) return wrong('An alias (CNAME) has one value');
    if (args.proxied && !['A', 'AAAA', 'CNAME'].includes(type))
      return wrong(`Records of ${type} cannot be proxied`);
    const query = queryOf(told, name, type);
    if ('refused' in query) return query;
    const found = await look(reader, query);
    const inTheWay = found.records.length === 0 ? await obstacle(reader, query, found) : undefined;
    return { service: told.service, name, data, found, ...(inTheWay ? { obstacle: inTheWay } : {}) };
  },
  plan({ type, exclusive, ttl, proxied }, now) {
    if ('refused' in now) return now;
    if (now.obstacle !== undefined)
      return {
        refused: now.obstacle,
        hint: 'Remove it first, by dns.record_absent, or choose another name.',
      };
    const isProxiable = now.service.provider === 'cloudflare' && proxied !== undefined;
    const wanted = {
      name: now.name,
      type,
      data: now.data,
      ...(ttl === undefined ? {} : { ttl }),
      ...(isProxiable ? { proxied } : {}),
      removes: () => exclusive,
    };
    return stepsOf(now.service, [difference(wanted, now.found.zone, now.found.records)]);
  },
});
