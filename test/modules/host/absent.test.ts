import absent from '../../../engine/modules/host/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const hosts = '127.0.0.1 localhost\n192.0.2.7   a  b\tc # three\n192.0.2.8 b\n# 192.0.2.7 b\n';

stateTester('host.absent', absent, [
  {
    title: 'takes the name from one address',
    args: { name: 'b', ip: '192.0.2.7' },
    host: { files: { '/etc/hosts': hosts } },
    expects: { changes: ['192.0.2.7'], files: { '/etc/hosts': hosts.replace('a  b\tc', 'a\tc') } },
  },
  {
    title: 'takes the first name and leaves the others',
    args: { name: 'a' },
    host: { files: { '/etc/hosts': hosts } },
    expects: { changes: ['192.0.2.7'], files: { '/etc/hosts': hosts.replace('a  b\tc', 'b\tc') } },
  },
  {
    title: 'removes a line whose last name goes',
    args: { name: 'b' },
    host: { files: { '/etc/hosts': hosts } },
    expects: {
      changes: ['192.0.2.7', '192.0.2.8'],
      files: { '/etc/hosts': '127.0.0.1 localhost\n192.0.2.7   a\tc # three\n# 192.0.2.7 b\n' },
    },
  },
  {
    title: 'has nothing to do where the name or the file is not there',
    args: { name: 'x', ip: ['192.0.2.7'] },
    expects: { changes: [] },
  },
  {
    title: 'refuses what is no address',
    args: { name: 'a', ip: 'b' },
    expects: { refused: /"b" is not an IP/ },
  },
]);
