import { verifyArgv } from '../../../engine/modules/logrotate/_verify.ts';
import set from '../../../engine/modules/logrotate/set.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const at = '/etc/logrotate.conf';
const conf = `# see "man logrotate"
weekly
rotate 4
include /etc/logrotate.d

/var/log/wtmp {
    monthly
    # why
    create 0664 root utmp
    postrotate
        rotate 9 }
    endscript
}
`;
const app = `"/var/log/my app.log" /var/log/app.log
{
	daily
	compress
}
`;
const files = { [at]: conf, '/etc/logrotate.d/app': app, '/etc/logrotate.d/app.dpkg-old': app } as const;

stateTester('logrotate.set', set, [
  {
    title: 'changes a setting for all logs',
    args: { key: 'rotate', value: 8 },
    host: { files },
    expects: { changes: ['rotate'], files: { [at]: conf.replace('rotate 4', 'rotate 8') } },
  },
  {
    title: 'leaves alone what is so',
    args: { key: 'rotate', value: '4' },
    host: { files },
    expects: { changes: [], comment: `rotate in ${at} is as it should be.` },
  },
  {
    title: 'adds a setting above everything that counts',
    args: { key: 'dateext', value: true },
    host: { files },
    expects: { changes: ['dateext'], files: { [at]: conf.replace('weekly', 'dateext\nweekly') } },
  },
  {
    title: 'puts a setting in the place of its rival',
    args: { key: 'daily', value: true },
    host: { files },
    expects: { changes: ['daily'], files: { [at]: conf.replace('weekly', 'daily') } },
  },
  {
    title: 'takes a setting away',
    args: { key: 'rotate', value: false },
    host: { files },
    expects: { changes: ['rotate'], files: { [at]: conf.replace('rotate 4\n', '') } },
  },
  {
    title: 'changes a setting of a block, and no script',
    args: { key: '/var/log/wtmp', value: 'create', setting: '0600 root root' },
    host: { files },
    expects: {
      changes: ['create of /var/log/wtmp'],
      files: { [at]: conf.replace('0664 root utmp', '0600 root root') },
    },
  },
  {
    title: 'adds a setting to a block',
    args: { key: '/var/log/wtmp', value: 'rotate', setting: 2 },
    host: { files },
    expects: {
      changes: ['rotate of /var/log/wtmp'],
      files: { [at]: conf.replace('endscript\n}', 'endscript\n    rotate 2\n}') },
    },
  },
  {
    title: 'finds a block in an included file, by any of its logs',
    args: { key: '/var/log/my app.log', value: 'nocompress', setting: true },
    host: { files },
    expects: {
      changes: ['nocompress of /var/log/my app.log'],
      files: { '/etc/logrotate.d/app': app.replace('compress', 'nocompress'), [at]: conf },
    },
  },
  {
    title: 'makes a block that is nowhere',
    args: { key: '/var/log/new', value: 'rotate', setting: 2 },
    host: { files },
    expects: {
      changes: ['rotate of /var/log/new'],
      files: { [at]: `${conf}/var/log/new {\n    rotate 2\n}\n` },
    },
  },
  {
    title: 'keeps one of several lines',
    args: { key: 'rotate', value: 3, conf_file: '/etc/lr' },
    host: { files: { '/etc/lr': Buffer.from('rotate 1\n# \xe9\n rotate 2', 'latin1') } },
    expects: { changes: ['rotate'], files: { '/etc/lr': Buffer.from('# \xe9\n rotate 3\n', 'latin1') } },
  },
  {
    title: 'is content where there is nothing to take away',
    args: { key: '/var/log/none', value: 'rotate', setting: false },
    host: { files },
    expects: { changes: [] },
  },
  {
    title: 'refuses what logrotate would not take',
    args: { key: 'rotate', value: 'x' },
    host: {
      files: { ...files, '/usr/sbin/logrotate': '' },
      answers: {
        [verifyArgv('logrotate.conf').join(' ')]: "error: logrotate.conf:3 bad rotation count 'x'\n",
      },
    },
    expects: { refused: "logrotate would not take it: error: logrotate.conf:3 bad rotation count 'x'" },
  },
  {
    title: 'refuses a block without the name of a setting',
    args: { key: '/var/log/wtmp', value: 'rotate' },
    host: { files },
    expects: { refused: '"/var/log/wtmp" is no setting of logrotate.' },
  },
  {
    title: 'refuses a setting of a setting',
    args: { key: 'rotate', value: 'x', setting: 2 },
    host: { files },
    expects: { refused: `rotate is no block of ${at}, but a setting.` },
  },
  ...(
    [
      [{ key: 'rotate', value: '2\n}' }, /one line without braces/],
      [{ key: '/x {', value: 'rotate', setting: 1 }, /one line without braces/],
      [{ key: 'rotate', value: '' }, /set to nothing/],
      [{ key: '/x', value: true, setting: 2 }, /has to be the name/],
      [{ key: 'rotate', value: 1, conf_file: 'x' }, /no absolute path/],
    ] as const
  ).map(([args, refused]) => ({
    title: `refuses ${JSON.stringify(args)}`,
    args,
    host: { files },
    expects: { refused },
  })),
  {
    title: 'refuses a file that is not there',
    args: { key: 'rotate', value: 1 },
    host: {},
    expects: { refused: `${at} does not exist.` },
  },
]);
