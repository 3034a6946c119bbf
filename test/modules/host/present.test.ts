import present from '../../../engine/modules/host/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const hosts =
  '# mine\n127.0.0.1\tlocalhost\n\n192.0.2.7   db.example.org  db # the database\n::1 localhost ip6-localhost\n';
const file = { '/etc/hosts': hosts };

stateTester('host.present', present, [
  {
    title: 'adds a line at the end',
    args: { name: 'web', ip: '192.0.2.8', aliases: ['www'] },
    host: { files: file },
    expects: { changes: ['192.0.2.8'], files: { '/etc/hosts': `${hosts}192.0.2.8\tweb www\n` } },
  },
  {
    title: 'joins the line of its address, before the comment',
    args: { name: 'sql', ip: ['192.0.2.7'] },
    host: { files: file },
    expects: { changes: ['192.0.2.7'], files: { '/etc/hosts': hosts.replace('  db #', '  db sql #') } },
  },
  {
    title: 'leaves alone what is there, in whatever spelling',
    args: { name: 'LOCALHOST', ip: ['127.0.0.1', '0:0::1'] },
    host: { files: file },
    expects: { changes: [] },
  },
  {
    title: 'warns of other addresses of the name',
    args: { name: 'db', ip: '192.0.2.9' },
    host: { files: file },
    expects: {
      changes: ['192.0.2.9'],
      files: { '/etc/hosts': `${hosts}192.0.2.9\tdb\n` },
      warnings: [/^db also has the address 192\.0\.2\.7/],
    },
  },
  {
    title: 'takes the name from other addresses where it is to be clean',
    args: { name: 'db', ip: '192.0.2.9', clean: true },
    host: { files: file },
    expects: {
      changes: ['192.0.2.7', '192.0.2.9'],
      files: { '/etc/hosts': `${hosts.replace('org  db', 'org')}192.0.2.9\tdb\n` },
    },
  },
  {
    title: 'sets a comment',
    args: { name: 'db', ip: '192.0.2.7', comment: 'moved' },
    host: { files: file },
    expects: {
      changes: ['comment of 192.0.2.7'],
      files: { '/etc/hosts': hosts.replace('# the database', '# moved') },
    },
  },
  {
    title: 'gives the last line its newline',
    args: { name: 'b', ip: '192.0.2.2' },
    host: { files: { '/etc/hosts': '192.0.2.1 a' } },
    expects: { changes: ['192.0.2.2'], files: { '/etc/hosts': '192.0.2.1 a\n192.0.2.2\tb\n' } },
  },
  {
    title: 'makes the file, and keeps bytes that are no text',
    args: { name: 'a', ip: '2001:db8::7' },
    host: { files: { '/etc/hosts': Buffer.from('# \xff\n', 'latin1') } },
    expects: {
      changes: ['2001:db8::7'],
      files: { '/etc/hosts': Buffer.from('# \xff\n2001:db8::7\ta\n', 'latin1') },
    },
  },
  {
    title: 'refuses what is no address',
    args: { name: 'a', ip: '192.0.2.256' },
    expects: { refused: '"192.0.2.256" is not an IP address.' },
  },
  {
    title: 'refuses what would be another line',
    args: { name: 'a\n192.0.2.1 b', ip: '192.0.2.2' },
    expects: { refused: /is not a host name/ },
  },
]);
