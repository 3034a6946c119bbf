import present from '../../../engine/modules/limits/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const at = '/etc/security/limits.d/90-converge.conf';
const folder = { '/etc/security/limits.d': { directory: true } } as const;
const nofile = { domain: '@web', item: 'nofile', value: 1024 };

stateTester('limits.present', present, [
  {
    title: 'makes the file',
    args: nofile,
    host: { files: folder },
    expects: {
      changes: ['nofile of @web'],
      files: { [at]: { content: '@web\t-\tnofile\t1024\n', mode: 0o644 } },
    },
  },
  {
    title: 'adds a line for another type or item',
    args: { ...nofile, type: 'hard' },
    host: { files: { [at]: '# mine\n@web soft nofile 5\n@web hard core 0' } },
    expects: {
      changes: ['nofile of @web'],
      files: { [at]: '# mine\n@web soft nofile 5\n@web hard core 0\n@web\thard\tnofile\t1024\n' },
    },
  },
  {
    title: 'changes a line in its place, and takes others of the kind away',
    args: nofile,
    host: { files: { [at]: 'x - nofile 1\n@web soft nofile 5 # why\n* - core 0\n@web hard nofile 6\n' } },
    expects: {
      changes: ['nofile of @web'],
      files: { [at]: 'x - nofile 1\n@web\t-\tnofile\t1024\n* - core 0\n' },
    },
  },
  {
    title: 'leaves alone what is so',
    args: nofile,
    host: { files: { [at]: '@web   -  nofile   1024\n' } },
    expects: { changes: [], comment: 'nofile of @web is 1024.' },
  },
  {
    title: 'keeps bytes that are no UTF-8',
    args: { domain: 'app', item: 'nice', value: -5, conf_file: '/etc/security/limits.conf' },
    host: { files: { '/etc/security/limits.conf': Buffer.from('# caf\xe9\n', 'latin1') } },
    expects: {
      changes: ['nice of app'],
      files: { '/etc/security/limits.conf': Buffer.from('# caf\xe9\napp\t-\tnice\t-5\n', 'latin1') },
    },
  },
  ...(
    [
      [{ ...nofile, value: 'many' }, '"many" is no nofile.'],
      [{ ...nofile, value: '1\n* - core 0' }, /is no nofile/],
      [{ ...nofile, domain: 'a b' }, '"a b" is no user or group.'],
      [{ ...nofile, conf_file: '/etc/passwd' }, '/etc/passwd is not read by pam_limits.'],
      [{ domain: 'app', item: 'maxsyslogins', value: 3 }, 'maxsyslogins can only be set for *.'],
    ] as const
  ).map(([args, refused]) => ({
    title: `refuses ${JSON.stringify(args)}`,
    args,
    host: { files: folder },
    expects: { refused },
  })),
  {
    title: 'refuses a machine without pam_limits',
    args: nofile,
    host: {},
    expects: { refused: 'There is no /etc/security/limits.d here.' },
  },
]);
