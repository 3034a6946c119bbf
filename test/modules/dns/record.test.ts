import record from '../../../engine/modules/dns/record.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const key = { name: 'converge', secret: 'c2l4dGVlbiBieXRlcyEhIQ==' };
const zone = 'example.test';
const www = ['www.example.test 300 A 192.0.2.1', 'www.example.test 300 A 192.0.2.2'];
const empty = { zone, records: [] };
const service = { provider: 'rfc2136', key: { ...key, algorithm: 'hmac-sha256' } };

function refused(title: string, args: Record<string, unknown>, text: RegExp) {
  return {
    title,
    args: { name: 'www.example.test', ...args },
    host: { dns: empty },
    expects: { refused: text },
  };
}

stateTester('dns.record', record, [
  {
    title: 'adds records where there are none, unless there is an alias',
    args: { name: 'www.example.test', type: 'A', values: ['192.0.2.2', '192.0.2.1', '192.0.2.1'], key },
    host: { dns: empty },
    expects: {
      changes: ['www.example.test A'],
      effects: [
        {
          kind: 'dns',
          service,
          zone,
          remove: [],
          add: [
            { name: 'www.example.test', type: 'A', ttl: 300, data: '192.0.2.2' },
            { name: 'www.example.test', type: 'A', ttl: 300, data: '192.0.2.1' },
          ],
          conditions: [{ name: 'www.example.test', type: 'CNAME' }],
        },
      ],
      records: { 'www.example.test A': ['300 192.0.2.1', '300 192.0.2.2'] },
    },
  },
  {
    title: 'changes only what differs, and keeps the TTL',
    args: { name: 'WWW.Example.test.', type: 'A', values: ['192.0.2.2', '192.0.2.3'] },
    host: { dns: { zone, records: www.map((line) => line.replace('300', '60')) } },
    expects: {
      changes: ['www.example.test A'],
      effects: [
        {
          kind: 'dns',
          service: { provider: 'rfc2136' },
          zone,
          remove: [{ name: 'www.example.test', type: 'A', ttl: 60, data: '192.0.2.1' }],
          add: [{ name: 'www.example.test', type: 'A', ttl: 60, data: '192.0.2.3' }],
        },
      ],
      records: { 'www.example.test A': ['60 192.0.2.2', '60 192.0.2.3'] },
    },
  },
  {
    title: 'leaves others alone where it is not exclusive',
    args: { name: 'www.example.test', type: 'A', values: '192.0.2.3', exclusive: false, ttl: 60 },
    host: { dns: { zone, records: www } },
    expects: {
      changes: ['www.example.test A'],
      // All records of a set have one TTL.
      records: { 'www.example.test A': ['60 192.0.2.1', '60 192.0.2.2', '60 192.0.2.3'] },
    },
  },
  {
    title: 'is content in any order and spelling',
    args: { name: 'www.example.test', type: 'A', values: ['192.0.2.2', '192.0.2.1'], ttl: 300 },
    host: { dns: { zone, records: www } },
    expects: { changes: [] },
  },
  {
    title: 'is content with another spelling of an IPv6 address',
    args: { name: 'www.example.test', type: 'AAAA', values: '2001:0DB8:0:0::1' },
    host: { dns: { zone, records: ['www.example.test 300 AAAA 2001:db8::1'] } },
    expects: { changes: [] },
  },
  {
    title: 'is content with another case of letters, a final dot and other pieces of a text',
    args: { name: 'www.example.test', type: 'MX', values: '010 Mail.EXAMPLE.test.' },
    host: { dns: { zone, records: ['www.example.test 300 MX 10 mail.Example.test'] } },
    expects: { changes: [] },
  },
  {
    title: 'is content with a text in other pieces',
    args: { name: 'www.example.test', type: 'TXT', values: 'a "text" of\\several pieces, ü' },
    host: {
      dns: { zone, records: ['www.example.test 300 TXT "a \\"text\\" of" "\\\\several pieces, \\195\\188"'] },
    },
    expects: { changes: [] },
  },
  {
    title: 'splits a long text',
    args: { name: 'www.example.test', type: 'TXT', values: 'x'.repeat(300) },
    host: { dns: empty },
    expects: {
      changes: ['www.example.test TXT'],
      records: { 'www.example.test TXT': [`300 "${'x'.repeat(255)}" "${'x'.repeat(45)}"`] },
    },
  },
  {
    title: 'changes the TTL alone',
    args: { name: 'www.example.test', type: 'A', values: ['192.0.2.1', '192.0.2.2'], ttl: 60 },
    host: { dns: { zone, records: www } },
    expects: {
      changes: ['TTL of www.example.test A'],
      records: { 'www.example.test A': ['60 192.0.2.1', '60 192.0.2.2'] },
    },
  },
  {
    title: 'changes values and TTL',
    args: { name: 'www.example.test', type: 'A', values: '192.0.2.1', ttl: 60 },
    host: { dns: { zone, records: www } },
    expects: {
      changes: ['www.example.test A', 'TTL of www.example.test A'],
      records: { 'www.example.test A': ['60 192.0.2.1'] },
    },
  },
  {
    title: 'replaces an alias by another',
    args: { name: 'www.example.test', type: 'CNAME', values: 'b.example.test' },
    host: { dns: { zone, records: ['www.example.test 300 CNAME a.example.test'] } },
    expects: {
      changes: ['www.example.test CNAME'],
      records: { 'www.example.test CNAME': ['300 b.example.test'] },
    },
  },
  {
    title: 'takes service and zone from the pillar',
    args: { name: 'www.example.test', type: 'CAA', values: '0 ISSUE "letsencrypt.org"' },
    host: { dns: empty },
    pillar: { dns: { server: '192.0.2.53:5353', zone, key: { ...key, algorithm: 'hmac-sha512' } } },
    expects: {
      changes: ['www.example.test CAA'],
      effects: [
        {
          kind: 'dns',
          service: {
            provider: 'rfc2136',
            server: '192.0.2.53:5353',
            key: { ...key, algorithm: 'hmac-sha512' },
          },
          zone,
          remove: [],
          add: [{ name: 'www.example.test', type: 'CAA', ttl: 300, data: '0 issue "letsencrypt.org"' }],
          conditions: [{ name: 'www.example.test', type: 'CNAME' }],
        },
      ],
    },
  },
  {
    title: 'is not proxied by a nameserver, which knows of no such thing',
    args: { name: 'www.example.test', type: 'A', values: ['192.0.2.1', '192.0.2.2'], proxied: true },
    host: { dns: { zone, records: www } },
    expects: { changes: [] },
  },
  {
    title: 'refuses to put records beside an alias',
    args: { name: 'www.example.test', type: 'A', values: '192.0.2.1' },
    host: { dns: { zone, records: ['www.example.test 300 CNAME a.example.test'] } },
    expects: { refused: /^www\.example\.test is an alias \(CNAME\) of a\.example\.test, beside/ },
  },
  {
    title: 'refuses to put an alias beside records',
    args: { name: 'www.example.test', type: 'CNAME', values: 'a.example.test' },
    host: { dns: { zone, records: ['www.example.test 300 TXT "x"'] } },
    expects: { refused: /^www\.example\.test has TXT records, beside which/ },
  },
  {
    title: 'has nothing to do below a root',
    args: { name: 'www.example.test', type: 'A', values: '192.0.2.1' },
    expects: { refused: /^What a nameserver keeps is no part of the system below a root\.$/ },
  },
  refused(
    'refuses a name with a quote',
    { name: 'w"w.example.test', type: 'A', values: '192.0.2.1' },
    /is no domain name/,
  ),
  refused(
    'refuses a name with a newline',
    { name: 'w\nw.example.test', type: 'A', values: '192.0.2.1' },
    /is no domain name/,
  ),
  refused(
    'refuses a name of other letters',
    { name: 'bücher.test', type: 'A', values: '192.0.2.1' },
    /is no domain name/,
  ),
  refused(
    'refuses a label that is too long',
    { name: `${'a'.repeat(64)}.test`, type: 'A', values: '192.0.2.1' },
    /is no domain name/,
  ),
  refused(
    'refuses a name outside of its zone',
    { zone: 'other.test', type: 'A', values: '192.0.2.1' },
    /^www\.example\.test is not in the zone other\.test\.$/,
  ),
  refused(
    'refuses an address of the other kind',
    { type: 'A', values: ['192.0.2.1', '2001:db8::1'] },
    /^"2001:db8::1" is no value of A records\.$/,
  ),
  refused('refuses a half address', { type: 'AAAA', values: '2001:db8' }, /no value of AAAA/),
  refused(
    'refuses a target with a quote',
    { type: 'CNAME', values: 'a"b.example.test' },
    /no value of CNAME/,
  ),
  refused(
    'refuses a target with odd characters',
    { type: 'CNAME', values: 'a\\032b.example.test' },
    /no value of CNAME/,
  ),
  refused(
    'refuses a port that is none',
    { type: 'SRV', values: '1 1 65536 a.example.test' },
    /no value of SRV/,
  ),
  refused(
    'refuses two values of an alias',
    { type: 'CNAME', values: ['a.test', 'b.test'] },
    /^An alias \(CNAME\) has one value\.$/,
  ),
  refused(
    'refuses a secret that is none, without telling it',
    { type: 'A', values: '192.0.2.1', key: { name: 'k', secret: 'not base64!' } },
    /^The secret of the key "k" is not base64\.$/,
  ),
  refused(
    'refuses a server that is none',
    { type: 'A', values: '192.0.2.1', server: 'a b' },
    /^"a b" is no nameserver\.$/,
  ),
  refused(
    'refuses port 0 of a server',
    { type: 'A', values: '192.0.2.1', server: 'ns.example.test:0' },
    /is no nameserver\.$/,
  ),
  refused(
    'asks for a token',
    { type: 'A', values: '192.0.2.1', provider: 'cloudflare' },
    /by a token, and none is given/,
  ),
  refused(
    'refuses a token that would end a header, without telling it',
    { type: 'A', values: '192.0.2.1', provider: 'cloudflare', token: 'a\nb' },
    /^The token of Cloudflare holds characters that none has\.$/,
  ),
  refused(
    'sends no token in the clear',
    { type: 'A', values: '192.0.2.1', provider: 'cloudflare', token: 'a', url: 'http://api.example.test/' },
    /^The token is not sent to http:/,
  ),
]);
