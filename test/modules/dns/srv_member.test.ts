import member from '../../../engine/modules/dns/srv_member.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const zone = 'example.test';
const name = '_app._tcp.example.test';
const others = [
  `${name} 300 SRV 10 10 443 app2.example.test`,
  `${name} 300 SRV 10 10 443 xapp1.example.test`,
  'app2.example.test 300 A 192.0.2.2',
];
const all = {
  name,
  target: 'app1.example.test',
  port: 443,
  addresses: ['192.0.2.1', '2001:db8::1'],
  internal_addresses: '10.77.0.1',
};
const registered = [
  `${name} 300 SRV 10 10 443 App1.example.test`,
  'app1.example.test 300 A 192.0.2.1',
  'app1.example.test 300 AAAA 2001:db8::1',
  'internal.app1.example.test 300 A 10.77.0.1',
];

stateTester('dns.srv_member', member, [
  {
    title: 'joins with all its records in one change',
    args: all,
    host: { dns: { zone, records: others } },
    expects: {
      changes: [
        'app1.example.test A',
        'app1.example.test AAAA',
        'internal.app1.example.test A',
        '_app._tcp.example.test SRV',
      ],
      effects: [
        {
          kind: 'dns',
          service: { provider: 'rfc2136' },
          zone,
          remove: [],
          add: [
            { name: 'app1.example.test', type: 'A', ttl: 300, data: '192.0.2.1' },
            { name: 'app1.example.test', type: 'AAAA', ttl: 300, data: '2001:db8::1' },
            { name: 'internal.app1.example.test', type: 'A', ttl: 300, data: '10.77.0.1' },
            { name, type: 'SRV', ttl: 300, data: '10 10 443 app1.example.test' },
          ],
          conditions: [
            { name: 'app1.example.test', type: 'CNAME' },
            { name: 'app1.example.test', type: 'CNAME' },
            { name: 'internal.app1.example.test', type: 'CNAME' },
          ],
        },
      ],
    },
  },
  {
    title: 'has nothing to do as a member',
    args: all,
    host: { dns: { zone, records: [...others, ...registered] } },
    expects: { changes: [] },
  },
  {
    title: 'replaces its own record by another port and weight, and no one else’s',
    args: { name, target: 'app1.example.test', port: 8443, weight: 1 },
    host: { dns: { zone, records: [...others, ...registered] } },
    expects: {
      changes: ['_app._tcp.example.test SRV'],
      records: {
        [`${name} SRV`]: [
          '300 10 1 8443 app1.example.test',
          '300 10 10 443 app2.example.test',
          '300 10 10 443 xapp1.example.test',
        ],
      },
    },
  },
  {
    title: 'gives up addresses it has no more',
    args: { ...all, addresses: '192.0.2.9' },
    host: { dns: { zone, records: [...others, ...registered] } },
    expects: {
      changes: ['app1.example.test A', 'app1.example.test AAAA'],
      records: {
        'app1.example.test A': ['300 192.0.2.9'],
        'app1.example.test AAAA': [],
        'app2.example.test A': ['300 192.0.2.2'],
      },
    },
  },
  {
    title: 'is named by its grains',
    args: { name, port: 443 },
    grains: { host: 'app1', fqdn: 'app1.internal.lan' },
    host: { dns: { zone, records: [] } },
    expects: {
      changes: ['_app._tcp.example.test SRV'],
      records: { [`${name} SRV`]: ['300 10 10 443 app1.example.test'] },
    },
  },
  {
    title: 'joins a service by its bare name, in the domain that templates ask',
    args: { name: 'app', target: 'app1.example.test', port: 443 },
    pillar: { discovery: { domain: 'example.test' }, domain: 'other.test' },
    host: { dns: { zone, records: [] } },
    expects: {
      changes: ['_app._tcp.example.test SRV'],
      records: { [`${name} SRV`]: ['300 10 10 443 app1.example.test'] },
    },
  },
  {
    title: 'is refused for a bare name where no domain is known',
    args: { name: '_app._tcp', target: 'app1.example.test', port: 443 },
    host: { dns: { zone, records: [] } },
    expects: { refused: 'The domain of the service "_app._tcp" is not known.' },
  },
  {
    title: 'keeps its full name where that is in the domain',
    args: { name, port: 443 },
    grains: { host: 'app1', fqdn: 'app1.eu.example.test' },
    host: { dns: { zone, records: [] } },
    expects: {
      changes: ['_app._tcp.example.test SRV'],
      records: { [`${name} SRV`]: ['300 10 10 443 app1.eu.example.test'] },
    },
  },
  {
    title: 'is refused where its name is an alias',
    args: all,
    host: { dns: { zone, records: ['app1.example.test 300 CNAME b.example.test'] } },
    expects: { refused: /^app1\.example\.test is an alias/ },
  },
  {
    title: 'is refused for what is no service',
    args: { name: 'app.example.test', target: 'a.example.test', port: 443 },
    host: { dns: { zone, records: [] } },
    expects: { refused: '"app.example.test" is no service.' },
  },
  {
    title: 'is refused for a target with a quote',
    args: { name, target: 'a"b.example.test', port: 443 },
    host: { dns: { zone, records: [] } },
    expects: { refused: /is no domain name/ },
  },
  {
    title: 'is refused for what is no address',
    args: { ...all, addresses: ['192.0.2.300'] },
    host: { dns: { zone, records: [] } },
    expects: { refused: '"192.0.2.300" is no address.' },
  },
  {
    title: 'is refused for a target outside of the zone that is told',
    args: { ...all, target: 'app1.other.test', zone },
    host: { dns: { zone, records: [] } },
    expects: { refused: 'app1.other.test is not in the zone example.test.' },
  },
]);
