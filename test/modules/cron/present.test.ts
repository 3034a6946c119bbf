import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import present from '../../../engine/modules/cron/present.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { debian, header, tab } from './_host.ts';

const backup = { name: '/bin/backup', minute: 5, hour: '*/2' };
const stamped = '# SALT_CRON_IDENTIFIER:the-id\n5 */2 * * * /bin/backup\n';

stateTester('cron.present', present, [
  {
    title: 'makes the crontab',
    args: backup,
    host: debian(),
    expects: {
      changes: ['remember', 'job'],
      files: { [tab]: { content: stamped, mode: 0o600, user: 0, group: 102 } },
      effects: [
        { kind: 'remember', topic: 'cron:root', values: [new Map([['the-id', '/bin/backup']])] },
        {
          kind: 'exec',
          command: { argv: ['crontab', '-u', 'root', '-'], stdin: Buffer.from(stamped) },
          settles: [
            {
              about: 'file',
              effect: {
                kind: 'write',
                path: tab,
                content: Buffer.from(stamped),
                user: 'root',
                group: 'crontab',
                mode: 0o600,
              },
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'knows the place of cronie',
    args: { ...backup, user: 'app' },
    host: {
      users: { app: 1000 },
      files: { '/usr/bin/crontab': '', '/var/spool/cron': { directory: true } },
    },
    expects: {
      changes: ['remember', 'job'],
      files: { '/var/spool/cron/app': { content: stamped, user: 1000 } },
    },
  },
  {
    title: 'leaves alone what is there, below the heading of Debian',
    args: backup,
    host: debian(header + stamped),
    expects: { changes: ['remember'], files: { [tab]: header + stamped }, comment: /is in the crontab/ },
  },
  {
    title: 'changes what differs of its own job, and nothing else',
    args: { ...backup, name: '/bin/backup --all', comment: 'All\nof it' },
    host: debian(`# mine\n1 * * * * true\n\n# old\n${stamped}FOO=1\n@daily other\n`),
    expects: {
      changes: ['remember', 'command', 'comment'],
      files: {
        [tab]:
          '# mine\n1 * * * * true\n\n# All\n# of it SALT_CRON_IDENTIFIER:the-id\n5 */2 * * * /bin/backup --all\nFOO=1\n@daily other\n',
      },
    },
  },
  {
    title: 'names each field that differs',
    args: { ...backup, dayweek: 'mon-fri', month: 'jan,7', daymonth: '1-31/2' },
    host: debian('# SALT_CRON_IDENTIFIER:the-id\n#DISABLED#6 */3 * * * /bin/backup\n'),
    expects: {
      changes: ['remember', 'minute', 'hour', 'daymonth', 'month', 'dayweek', 'commented'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:the-id\n5 */2 1-31/2 jan,7 mon-fri /bin/backup\n' },
    },
  },
  {
    title: 'adopts an identical line without a stamp, and no other',
    args: backup,
    host: debian('6 */2 * * * /bin/backup\n# why\n5 */2 * * * /bin/backup\n'),
    expects: {
      changes: ['remember', 'identifier'],
      files: {
        [tab]: '6 */2 * * * /bin/backup\n# why SALT_CRON_IDENTIFIER:the-id\n5 */2 * * * /bin/backup\n',
      },
    },
  },
  {
    title: 'takes over what Salt stamped by its command',
    args: { ...backup, comment: 'why' },
    host: debian(
      '# Lines below here are managed by Salt, do not edit\n# why SALT_CRON_IDENTIFIER:/bin/backup\n5 1 * * * /bin/backup\n',
    ),
    expects: {
      changes: ['remember', 'hour', 'identifier'],
      files: {
        [tab]: `# Lines below here are managed by Salt, do not edit\n# why SALT_CRON_IDENTIFIER:the-id\n5 */2 * * * /bin/backup\n`,
      },
    },
  },
  {
    title: 'takes over what Salt stamped with no identifier',
    args: { ...backup, identifier: 'bk' },
    host: debian('# SALT_CRON_IDENTIFIER:NO ID SET\n5 */2 * * * /bin/backup\n'),
    expects: {
      changes: ['remember', 'identifier'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:bk\n5 */2 * * * /bin/backup\n' },
    },
  },
  {
    title: 'knows special times, and goes from fields to them',
    args: { name: '/bin/greet', special: '@reboot' },
    host: debian('# SALT_CRON_IDENTIFIER:the-id\n1 2 3 4 5 /bin/greet\n'),
    expects: {
      changes: ['remember', 'schedule'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:the-id\n@reboot /bin/greet\n' },
    },
  },
  {
    title: 'keeps a job that is switched off',
    args: { ...backup, commented: true },
    host: debian(stamped),
    expects: {
      changes: ['remember', 'commented'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:the-id\n#DISABLED#5 */2 * * * /bin/backup\n' },
    },
  },
  {
    title: 'draws the same random minute every time',
    args: {
      name: '/bin/x',
      minute: 'random',
      hour: 'random',
      daymonth: 'random',
      month: 'random',
      dayweek: 'random',
    },
    grains: { id: 'web1' },
    host: debian(),
    expects: {
      changes: ['remember', 'job'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:the-id\n7 9 1 11 5 /bin/x\n' },
    },
  },
  {
    title: 'keeps bytes that are no UTF-8, and leaves a gap below a comment of others',
    args: { name: '/bin/é', special: '@daily' },
    host: debian(Buffer.from('@hourly caf\xe9\n# m h\n', 'latin1')),
    expects: {
      changes: ['remember', 'job'],
      files: {
        [tab]: Buffer.concat([
          Buffer.from('@hourly caf\xe9\n# m h\n\n', 'latin1'),
          Buffer.from('# SALT_CRON_IDENTIFIER:the-id\n@daily /bin/é\n'),
        ]),
      },
    },
  },
  {
    title: 'finds again what it wrote: odd comments, odd blanks, a letter that ends in a byte called a blank',
    args: { name: '  /bin/à\u2028x à ', comment: '\n## b \n\nc\n\n', identifier: ' i ', special: '@daily' },
    host: debian(Buffer.from('# caf\xe9\n', 'latin1')),
    expects: {
      changes: ['remember', 'job'],
      files: {
        [tab]: Buffer.concat([
          Buffer.from('# caf\xe9\n\n', 'latin1'),
          Buffer.from('#\n# b\n#\n# c SALT_CRON_IDENTIFIER: i \n@daily /bin/à\u2028x à\n'),
        ]),
      },
    },
  },
  {
    title: 'refuses a comment that would be taken for an identifier',
    args: { ...backup, comment: 'SALT_CRON_IDENTIFIER:evil' },
    host: debian(),
    expects: { refused: /cannot hold the mark/ },
  },
  {
    title: 'takes a second job of the same identifier away',
    args: backup,
    host: debian(`${stamped}# mine\n\n${stamped}@daily x\n`),
    expects: {
      changes: ['remember', 'second job'],
      files: { [tab]: `${stamped}# mine\n\n@daily x\n` },
    },
  },
  {
    title: 'installs a crontab anew that cron does not read',
    args: backup,
    host: { ...debian(), files: { ...debian().files, [tab]: { content: stamped, mode: 0o644 } } },
    expects: { changes: ['remember', 'mode'], files: { [tab]: { content: stamped, mode: 0o600 } } },
  },
  {
    title: 'heals the owner of a crontab',
    args: backup,
    needsRoot: true,
    host: { ...debian(), files: { ...debian().files, [tab]: { content: stamped, mode: 0o600, user: 1000 } } },
    expects: { changes: ['remember', 'user'], files: { [tab]: { user: 0 } } },
  },
  {
    title: 'warns of a percent sign that looks like a format',
    args: { name: 'date +%F', special: '@daily' },
    host: debian(),
    expects: {
      changes: ['remember', 'job'],
      files: { [tab]: '# SALT_CRON_IDENTIFIER:the-id\n@daily date +%F\n' },
      warnings: [/first %/],
    },
  },
  {
    title: 'refuses a user who is not there',
    args: { ...backup, user: 'ghost' },
    host: debian(),
    expects: { refused: 'There is no user "ghost".' },
  },
  {
    title: 'refuses a machine without cron',
    args: backup,
    host: { users: {} },
    expects: { refused: 'There is no crontab program here.' },
  },
  {
    title: 'refuses a command of two lines',
    args: { name: 'true\n* * * * * evil' },
    host: debian(),
    expects: { refused: /cannot hold a newline/ },
  },
  {
    title: 'refuses a user who leads elsewhere',
    args: { ...backup, user: '../../../etc/passwd' },
    host: debian(),
    expects: { refused: /cannot be the name of a user/ },
  },
  ...[
    { minute: 60 },
    { minute: '*/0' },
    { hour: '5-3' },
    { month: 'foo' },
    { dayweek: 8 },
    { daymonth: '0' },
    { minute: '1 2' },
    { minute: '' },
  ].map((field) => ({
    title: `refuses ${JSON.stringify(field)}`,
    args: { name: '/bin/x', ...field },
    host: debian(),
    expects: { refused: / of a crontab\.$/ },
  })),
  {
    title: 'refuses an unknown special time',
    args: { name: '/bin/x', special: '@never' },
    host: debian(),
    expects: { refused: '"@never" is no special time.' },
  },
]);

describe('cron.present, several states of one run', () => {
  it('tells the names of one state apart by their commands', async () => {
    await using stage = await hostOf({ host: debian() });
    const host = createOverlay(stage.host);
    for (const name of ['/bin/a', '/bin/b']) await applyTo(host, present, { name, special: '@daily' });
    const twice =
      '# SALT_CRON_IDENTIFIER:the-id\n@daily /bin/a\n# SALT_CRON_IDENTIFIER:/bin/b\n@daily /bin/b\n';
    expect(String(host.content(tab))).to.equal(twice);
    const next = createOverlay(host);
    for (const name of ['/bin/a', '/bin/b']) await applyTo(next, present, { name, special: '@daily' });
    expect(String(next.content(tab))).to.equal(twice);
  });

  it('refuses the same identifier twice', async () => {
    await using stage = await hostOf({ host: debian() });
    const host = createOverlay(stage.host);
    await applyTo(host, present, { name: '/bin/a', identifier: 'x' });
    const { refused } = await applyTo(host, present, { name: '/bin/b', identifier: 'x' });
    expect(refused).to.match(/Another state of this run has the identifier "x"/);
  });
});
