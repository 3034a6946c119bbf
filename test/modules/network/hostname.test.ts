import hostname from '../../../engine/modules/network/hostname.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const files = {
  '/proc/sys/kernel/hostname': 'old\n',
  '/etc/hostname': '# mine\nold\n',
  '/usr/bin/hostname': '',
};

stateTester('network.hostname', hostname, [
  {
    title: 'names the node now and at boot',
    args: { name: 'web1' },
    host: { files, answers: {} },
    expects: {
      changes: ['name now', 'name at boot'],
      files: { '/etc/hostname': { content: 'web1\n', mode: 0o644 }, '/proc/sys/kernel/hostname': 'web1\n' },
    },
  },
  { title: 'knows its name', args: { name: 'old' }, host: { files, answers: {} }, expects: { changes: [] } },
  {
    title: 'names it only at boot',
    args: { name: 'web1.example.org', apply: false },
    host: { files, answers: {} },
    expects: { changes: ['name at boot'], files: { '/etc/hostname': 'web1.example.org\n' } },
  },
  {
    title: 'refuses what is no name',
    args: { name: 'web_1' },
    expects: { refused: '"web_1" is not a host name.' },
  },
  {
    title: 'refuses a name that is too long',
    args: { name: 'a'.repeat(65) },
    expects: { refused: /is not a host name/ },
  },
]);
