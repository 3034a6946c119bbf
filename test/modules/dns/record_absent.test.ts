import absent from '../../../engine/modules/dns/record_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const zone = 'example.test';
const records = [
  'www.example.test 300 A 192.0.2.1',
  'www.example.test 300 A 192.0.2.2',
  'www.example.test 300 TXT "a" "b"',
  'other.example.test 300 A 192.0.2.1',
];

stateTester('dns.record_absent', absent, [
  {
    title: 'removes the value that is told',
    args: { name: 'www.example.test', type: 'A', values: ['192.0.2.2', '192.0.2.3'] },
    host: { dns: { zone, records } },
    expects: {
      changes: ['www.example.test A'],
      records: { 'www.example.test A': ['300 192.0.2.1'], 'www.example.test TXT': ['300 "a" "b"'] },
    },
  },
  {
    title: 'removes all of a type',
    args: { name: 'www.example.test', type: 'A' },
    host: { dns: { zone, records } },
    expects: {
      changes: ['www.example.test A'],
      records: { 'www.example.test A': [], 'www.example.test TXT': ['300 "a" "b"'] },
    },
  },
  {
    title: 'removes all of a name at once, in the pieces in which it is kept',
    args: { name: 'www.example.test' },
    host: { dns: { zone, records } },
    expects: {
      changes: ['www.example.test A', 'www.example.test TXT'],
      effects: [
        {
          kind: 'dns',
          service: { provider: 'rfc2136' },
          zone,
          remove: [
            { name: 'www.example.test', type: 'A', ttl: 300, data: '192.0.2.1' },
            { name: 'www.example.test', type: 'A', ttl: 300, data: '192.0.2.2' },
            { name: 'www.example.test', type: 'TXT', ttl: 300, data: '"a" "b"' },
          ],
          add: [],
        },
      ],
      records: { 'other.example.test A': ['300 192.0.2.1'] },
    },
  },
  {
    title: 'has nothing to do where there is none',
    args: { name: 'www.example.test', type: 'AAAA' },
    host: { dns: { zone, records } },
    expects: { changes: [] },
  },
  {
    title: 'takes what a wildcard yields for none of the name',
    args: { name: 'www.example.test', type: 'A' },
    host: {
      dns: {
        zone,
        records: ['www.example.test 300 A 192.0.2.9', 'no-such-name-as-this.example.test 300 A 192.0.2.9'],
      },
    },
    expects: { changes: [] },
  },
  {
    title: 'removes a wildcard itself',
    args: { name: '*.example.test', type: 'A' },
    host: {
      dns: {
        zone,
        records: ['*.example.test 300 A 192.0.2.9', 'no-such-name-as-this.example.test 300 A 192.0.2.9'],
      },
    },
    expects: { changes: ['*.example.test A'], records: { '*.example.test A': [] } },
  },
  {
    title: 'refuses to take everything from the zone itself',
    args: { name: zone },
    host: { dns: { zone, records: ['example.test 300 NS ns.example.test'] } },
    expects: { refused: 'example.test is the zone itself, of which not everything can go.' },
  },
  {
    title: 'refuses values without a type',
    args: { name: 'www.example.test', values: '192.0.2.1' },
    host: { dns: { zone, records } },
    expects: { refused: 'Values are those of a type, and none is given.' },
  },
  {
    title: 'refuses a value that is none',
    args: { name: 'www.example.test', type: 'A', values: 'here' },
    host: { dns: { zone, records } },
    expects: { refused: '"here" is no value of A records.' },
  },
]);
