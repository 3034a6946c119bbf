import only from '../../../engine/modules/host/only.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const hosts = '127.0.0.1 localhost\n127.0.1.1\told # me\n127.0.1.1 older\n# end\n';

stateTester('host.only', only, [
  {
    title: 'replaces the names, of several lines too',
    args: { name: '127.0.1.1', hostnames: ['web.example.org', 'web'] },
    host: { files: { '/etc/hosts': hosts } },
    expects: {
      changes: ['127.0.1.1'],
      files: { '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1\tweb.example.org web # me\n# end\n' },
    },
  },
  {
    title: 'adds an address',
    args: { name: '::1', hostnames: 'localhost' },
    host: { files: { '/etc/hosts': hosts } },
    expects: { changes: ['::1'], files: { '/etc/hosts': `${hosts}::1\tlocalhost\n` } },
  },
  {
    title: 'removes an address without names',
    args: { name: '127.0.1.1', hostnames: [] },
    host: { files: { '/etc/hosts': hosts } },
    expects: { changes: ['127.0.1.1'], files: { '/etc/hosts': '127.0.0.1 localhost\n# end\n' } },
  },
  {
    title: 'leaves the right names alone',
    args: { name: '127.0.1.1', hostnames: ['old', 'older'] },
    host: { files: { '/etc/hosts': hosts } },
    expects: { changes: [] },
  },
  {
    title: 'refuses a name with spaces',
    args: { name: '::1', hostnames: 'a b' },
    expects: { refused: /"a b"/ },
  },
]);
