import absent from '../../../engine/modules/dns/srv_member_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const zone = 'example.test';
const name = '_app._tcp.example.test';
const records = [
  `${name} 300 SRV 10 10 443 app1.example.test`,
  `${name} 300 SRV 0 10 8443 App1.Example.test`,
  `${name} 300 SRV 10 10 443 app2.example.test`,
  'app1.example.test 300 A 192.0.2.1',
  'app1.example.test 300 AAAA 2001:db8::1',
  'app1.example.test 300 TXT "stays"',
  'internal.app1.example.test 300 A 10.77.0.1',
];

stateTester('dns.srv_member_absent', absent, [
  {
    title: 'leaves, and others stay',
    args: { name, target: 'app1.example.test' },
    host: { dns: { zone, records } },
    expects: {
      changes: [`${name} SRV`],
      records: {
        [`${name} SRV`]: ['300 10 10 443 app2.example.test'],
        'app1.example.test A': ['300 192.0.2.1'],
      },
    },
  },
  {
    title: 'takes its addresses with it',
    args: { name, target: 'app1.example.test', addresses: true },
    host: { dns: { zone, records } },
    expects: {
      changes: [
        `${name} SRV`,
        'app1.example.test A',
        'app1.example.test AAAA',
        'internal.app1.example.test A',
      ],
      records: { 'app1.example.test TXT': ['300 "stays"'], 'internal.app1.example.test A': [] },
    },
  },
  {
    title: 'has nothing to do where it is no member',
    args: { name, target: 'app3.example.test', addresses: true },
    host: { dns: { zone, records } },
    expects: { changes: [] },
  },
  {
    title: 'is refused without a name',
    args: { name },
    host: { dns: { zone, records } },
    expects: { refused: 'This node does not know its own name.' },
  },
]);
