import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import groupPresent from '../../../engine/modules/group/present.ts';
import { sha512Crypt } from '../../../engine/modules/user/_crypt.ts';
import present from '../../../engine/modules/user/present.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, type StateCase, stateTester } from '../../helpers/state-tester.ts';

const passwd =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:998:998::/:/usr/sbin/nologin\nalice:x:1000:1000:Alice A,1,2,3,x,y:/home/alice:/bin/sh\n';
const group = 'root:x:0:\ndaemon:x:998:\nalice:x:1000:\nsudo:x:27:alice\ndocker:x:999:\n';
const gshadow = 'root:*::\nalice:!::\nsudo:*::alice\ndocker:!::\n';
const shadow = 'root:*:1::::::\nalice:$6$abc$def:19000:0:99999:7:::\n';
const files = {
  '/etc/passwd': passwd,
  '/etc/group': group,
  '/etc/shadow': shadow,
  '/etc/gshadow': gshadow,
  '/etc/subuid': 'alice:100000:65536\n',
  '/etc/subgid': '',
  '/etc/login.defs':
    'UID_MIN 1000\nUID_MAX 60000\nUSERGROUPS_ENAB yes\nPASS_MIN_DAYS\t0\nPASS_MAX_DAYS\t99999\nPASS_WARN_AGE\t7\nUMASK\t\t022\n',
  '/etc/default/useradd': 'SHELL=/bin/sh\n',
  '/etc/skel/.profile': { content: 'p', mode: 0o600 },
  '/etc/skel/bin/tool': { content: 't', mode: 0o755 },
  '/etc/skel/link': { link: '.profile' },
  '/home/alice': { directory: true },
} as const;
const today = Math.floor(Date.now() / 86_400_000);

const cases: StateCase[] = [
  {
    title: 'a new user, with group, home and all that useradd leaves',
    args: { name: 'bob' },
    host: { files },
    expects: {
      changes: ['usergroup', 'uid', 'gid', 'home', 'shell'],
      files: {
        '/etc/passwd': { content: `${passwd}bob:x:1001:1001::/home/bob:/bin/sh\n` },
        '/etc/group': { content: `${group}bob:x:1001:\n` },
        '/etc/shadow': { content: `${shadow}bob:!:${today}:0:99999:7:::\n` },
        '/etc/gshadow': { content: `${gshadow}bob:!::\n` },
        '/etc/subuid': { content: 'alice:100000:65536\nbob:165536:65536\n' },
        '/etc/subgid': { content: 'bob:100000:65536\n' },
        '/home/bob': { directory: true, mode: 0o755, user: 1001, group: 1001 },
        '/home/bob/.profile': { content: 'p', mode: 0o600, user: 1001, group: 1001 },
        '/home/bob/bin/tool': { content: 't', mode: 0o755, user: 1001 },
        '/home/bob/link': { link: '.profile', user: 1001 },
      },
    },
  },
  {
    title: 'a new user of the system',
    args: {
      name: 'svc',
      system: true,
      home: '/var/lib/a/svc',
      shell: '/usr/sbin/nologin',
      groups: ['docker'],
    },
    host: { files: { ...files, '/var/lib': { directory: true } } },
    expects: {
      changes: ['usergroup', 'uid', 'gid', 'home', 'shell', 'groups'],
      files: {
        '/etc/passwd': { content: `${passwd}svc:x:997:997::/var/lib/a/svc:/usr/sbin/nologin\n` },
        '/etc/shadow': { content: `${shadow}svc:!:${today}::::::\n` },
        '/etc/gshadow': { content: `${gshadow.replace('docker:!::', 'docker:!::svc')}svc:!::\n` },
        '/etc/subuid': { content: 'alice:100000:65536\n' },
        '/var/lib/a': { directory: true, mode: 0o755, user: 0 },
        '/var/lib/a/svc': { directory: true, user: 997 },
      },
    },
  },
  {
    title: 'a new user in the group of its name, which is there already',
    args: { name: 'docker', createhome: false, groups: ['docker', 'sudo'] },
    host: { files },
    expects: {
      changes: ['uid', 'gid', 'home', 'shell', 'groups'],
      files: {
        '/etc/passwd': { content: `${passwd}docker:x:1001:999::/home/docker:/bin/sh\n` },
        '/etc/group': { content: group.replace('sudo:x:27:alice', 'sudo:x:27:alice,docker') },
        '/home/docker': null,
      },
    },
  },
  {
    title: 'a new user in the group of its name, by the old argument',
    args: { name: 'docker', gid_from_name: true, createhome: false },
    host: { files },
    expects: {
      changes: ['uid', 'gid', 'home', 'shell'],
      files: { '/etc/passwd': { content: `${passwd}docker:x:1001:999::/home/docker:/bin/sh\n` } },
    },
  },
  {
    title: 'a new user without a group of its own',
    args: { name: 'bob', usergroup: false, uid: 5000, createhome: false, unique: false },
    host: {
      files: {
        ...files,
        '/etc/default/useradd': 'GROUP=docker\nSHELL=/bin/zsh\nHOME="/srv/home"\nINACTIVE=30\n',
      },
    },
    expects: {
      changes: ['uid', 'gid', 'home', 'shell'],
      files: {
        '/etc/passwd': { content: `${passwd}bob:x:5000:999::/srv/home/bob:/bin/zsh\n` },
        '/etc/shadow': { content: `${shadow}bob:!:${today}:0:99999:7:30::\n` },
        '/etc/group': { content: group },
      },
    },
  },
  {
    title: 'a new user with everything else',
    args: {
      name: 'bob',
      gid: 'sudo',
      fullname: 'Bob',
      other: 'a,b',
      password: '$6$s$hash',
      password_lock: true,
      mindays: 1,
      expire: '2031-03-31',
      date: 0,
      createhome: false,
    },
    host: { files },
    expects: {
      changes: [
        ...['uid', 'gid', 'home', 'shell', 'fullname', 'other', 'password'],
        ...['date', 'mindays', 'expire'],
      ],
      files: {
        '/etc/passwd': { content: `${passwd}bob:x:1001:27:Bob,,,,a,b:/home/bob:/bin/sh\n` },
        '/etc/shadow': { content: `${shadow}bob:!$6$s$hash:0:1:99999:7::22369:\n` },
      },
    },
  },
  {
    title: 'all as it should be',
    args: {
      name: 'alice',
      uid: 1000,
      gid: 'alice',
      groups: ['sudo', 'alice'],
      optional_groups: ['nosuch'],
      home: '/home/alice',
      shell: '/bin/sh',
      fullname: 'Alice A',
      roomnumber: 1,
      other: 'x,y',
      password: '$6$abc$def',
      password_lock: false,
      maxdays: 99999,
      date: '2022-01-08',
      expire: -1,
    },
    host: { files },
    expects: { changes: [] },
  },
  {
    title: 'much that differs, by one command',
    args: {
      name: 'alice',
      uid: 1005,
      allow_uid_change: true,
      gid: 999,
      allow_gid_change: true,
      shell: '/bin/bash',
      fullname: 'Alice B',
      groups: ['docker'],
    },
    host: { files: { ...files, '/home/alice': { directory: true } } },
    expects: {
      changes: ['uid', 'gid', 'shell', 'fullname', 'groups'],
      effects: [
        {
          kind: 'exec',
          command: {
            argv: [
              ...['usermod', '-u', '1005', '-g', '999', '-s', '/bin/bash', '-c', 'Alice B,1,2,3,x,y'],
              ...['-G', '', '--', 'alice'],
            ],
          },
          settles: [
            {
              about: 'record',
              file: '/etc/passwd',
              key: 'alice',
              record: 'alice:x:1005:999:Alice B,1,2,3,x,y:/home/alice:/bin/bash',
            },
            { about: 'record', file: '/etc/group', key: 'sudo', record: 'sudo:x:27:' },
            { about: 'record', file: '/etc/gshadow', key: 'sudo', record: 'sudo:*::' },
          ],
        },
      ],
    },
  },
  {
    title: 'groups that are added only',
    args: { name: 'alice', groups: ['docker'], remove_groups: false },
    host: { files },
    expects: {
      changes: ['groups'],
      files: {
        '/etc/group': { content: group.replace('docker:x:999:', 'docker:x:999:alice') },
        '/etc/gshadow': { content: gshadow.replace('docker:!::', 'docker:!::alice') },
      },
    },
  },
  {
    title: 'no groups at all',
    args: { name: 'alice', groups: [] },
    host: { files },
    expects: {
      changes: ['groups'],
      files: { '/etc/group': { content: group.replace(':27:alice', ':27:') } },
    },
  },
  {
    title: 'a home that is missing',
    args: { name: 'alice', home: '/home/new' },
    host: { files },
    expects: {
      changes: [
        ...[
          'home',
          '/home/new',
          '/home/new/.profile',
          '/home/new/bin',
          '/home/new/bin/tool',
          '/home/new/link',
        ],
      ],
      files: { '/home/new/bin/tool': { content: 't', user: 1000 }, '/home/alice': { directory: true } },
    },
  },
  {
    title: 'a home that is missing where SELinux is',
    args: { name: 'alice', home: '/home/new' },
    host: {
      files: {
        '/etc/passwd': passwd,
        '/home': { directory: true },
        '/sys/fs/selinux/enforce': '1',
        '/sbin/restorecon': '',
      },
    },
    expects: {
      changes: ['home', '/home/new', '/home/new label'],
      files: { '/home/new': { directory: true, user: 1000 } },
    },
  },
  {
    title: 'a home that is moved',
    args: { name: 'alice', home: '/home/new', persist_home: true },
    host: { files: { ...files, '/home/alice/note': 'n' } },
    expects: {
      changes: ['home'],
      files: { '/home/new/note': { content: 'n' }, '/home/alice': null },
    },
  },
  {
    title: 'no home is made where nobody is meant to live',
    args: { name: 'daemon', shell: '/usr/sbin/nologin' },
    host: { files: { ...files, '/etc/passwd': passwd.replace('998::/:', '998::/nonexistent:') } },
    expects: { changes: [] },
  },
  {
    title: 'another password',
    args: { name: 'alice', password: '$y$j9T$x$y' },
    host: { files },
    expects: {
      changes: ['password'],
      effects: [
        {
          kind: 'exec',
          command: { argv: ['chpasswd', '-e'], stdin: 'alice:$y$j9T$x$y\n' },
          settles: [
            {
              about: 'record',
              file: '/etc/shadow',
              key: 'alice',
              record: `alice:$y$j9T$x$y:${today}:0:99999:7:::`,
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'a password that is not enforced',
    args: { name: 'alice', password: '$y$j9T$x$y', enforce_password: false },
    host: { files },
    expects: { changes: [] },
  },
  {
    title: 'a password that is not enforced, but was never set',
    args: { name: 'alice', password: '$y$j9T$x$y', enforce_password: false },
    host: { files: { ...files, '/etc/shadow': 'alice:!:19000::::::\n' } },
    expects: {
      changes: ['password'],
      files: { '/etc/shadow': { content: `alice:$y$j9T$x$y:${today}::::::\n` } },
    },
  },
  {
    title: 'a plain password that fits',
    args: { name: 'alice', password: 'open:sesame', hash_password: true, password_lock: true },
    host: { files: { ...files, '/etc/shadow': `alice:!${sha512Crypt('open:sesame')}:19000::::::\n` } },
    expects: { changes: [] },
  },
  {
    title: 'a user that a power cut left without an entry in shadow, and locks of old',
    args: { name: 'daemon', maxdays: 7 },
    host: {
      files: {
        ...files,
        '/proc/stat': 'cpu 1\nbtime 1600000000\n',
        '/proc/1/stat': `1 (a b) c) S ${'0 '.repeat(18)}500 0`,
        '/etc/passwd.lock': '1',
        '/etc/group.lock': { content: '1', mtime: 1600000006000 },
      },
    },
    expects: {
      changes: ['/etc/passwd.lock', 'shadow', 'maxdays'],
      files: {
        '/etc/passwd.lock': null,
        '/etc/group.lock': { content: '1' },
        '/etc/shadow': { content: `${shadow}daemon:x:${today}:0:7:7:::\n` },
      },
    },
  },
  {
    title: 'a machine without shadow',
    args: { name: 'alice', maxdays: 7 },
    host: { files: { '/etc/passwd': passwd, '/etc/group': group } },
    expects: { refused: 'There is no /etc/shadow, so maxdays of alice cannot be managed.' },
  },
  {
    title: 'a lock',
    args: { name: 'alice', password_lock: true },
    host: { files },
    expects: {
      changes: ['password_lock'],
      files: { '/etc/shadow': { content: shadow.replace('$6$abc', '!$6$abc') } },
    },
  },
  {
    title: 'no lock',
    args: { name: 'alice', password_lock: false },
    host: { files: { ...files, '/etc/shadow': shadow.replace('$6$abc', '!$6$abc') } },
    expects: { changes: ['password_lock'], files: { '/etc/shadow': { content: shadow } } },
  },
  {
    title: 'no password needed',
    args: { name: 'alice', empty_password: true },
    host: { files },
    expects: {
      changes: ['password'],
      files: { '/etc/shadow': { content: `root:*:1::::::\nalice::${today}:0:99999:7:::\n` } },
    },
  },
  {
    title: 'other days',
    args: { name: 'alice', mindays: 2, maxdays: -1, inactdays: 5, warndays: 3, expire: 20000 },
    host: { files },
    expects: {
      changes: ['mindays', 'maxdays', 'inactdays', 'warndays', 'expire'],
      files: { '/etc/shadow': { content: 'root:*:1::::::\nalice:$6$abc$def:19000:2::3:5:20000:\n' } },
    },
  },
  ...(
    [
      ['a uid of another', { name: 'bob', uid: 998 }, 'The id 998 belongs to the user daemon.'],
      ['a gid that is none', { name: 'bob', gid: 'x' }, 'There is no group x to be the primary one of bob.'],
      [
        'no group of its name',
        { name: 'bob', gid_from_name: true },
        'There is no group bob to be the primary one of bob.',
      ],
      ['groups that are none', { name: 'bob', groups: ['a', 'sudo', 'b'] }, 'There is no group a, b.'],
      ['a uid that may not change', { name: 'alice', uid: 7 }, /uid of alice is 1000, not 7/],
      ['a gid that may not change', { name: 'alice', gid: 27 }, /gid of alice is 1000, not 27/],
      ['a plain password', { name: 'alice', password: 'secret' }, 'password is not the hash of a password.'],
      ['a hash of two lines', { name: 'alice', password: '$6$a$b\nroot:$6$a$b' }, /not the hash/],
      ['a plain password of two lines', { name: 'alice', password: 'a\nb', hash_password: true }, /newline/],
      ['two kinds of password', { name: 'alice', password: '*', empty_password: true }, /together/],
      ['a name with a newline', { name: 'al\nice' }, /cannot be the name of a user/],
      [
        'a colon in the full name',
        { name: 'bob', fullname: 'a:0:0' },
        'fullname cannot hold ":": it would break the file of accounts.',
      ],
      ['a comma in the full name', { name: 'bob', fullname: 'a,b' }, /cannot hold ","/],
      [
        'a newline in the rest',
        { name: 'bob', other: 'a\nroot2:x:0:0' },
        /other cannot hold a control character/,
      ],
      ['a home without root', { name: 'bob', home: 'bob' }, '"bob" is not an absolute path, in home.'],
      ['a colon in the shell', { name: 'bob', shell: '/bin/sh:' }, /shell cannot hold ":"/],
      ['a day that is none', { name: 'bob', expire: '2031-02-40' }, '"2031-02-40" is no day, in expire.'],
      ['a class of BSD', { name: 'bob', loginclass: 'x' }, /BSD/],
      [
        'a user without password that is unlocked',
        { name: 'bob', password_lock: false },
        /no password that could be unlocked/,
      ],
    ] as const
  ).map(([title, args, refused]): StateCase => ({ title, args, host: { files }, expects: { refused } })),
];

stateTester('user.present', present, cases);

describe('user.present', () => {
  it('knows groups and ids that earlier states of a dry run make', async () => {
    await using stage = await hostOf({ host: { files } });
    const overlay = createOverlay(stage.host);
    await applyTo(overlay, groupPresent, { name: 'crew', gid: 1001 });
    const bob = await applyTo(overlay, present, { name: 'bob', groups: ['crew'] });
    expect(bob.performed.map(({ became }) => became)).to.deep.equal(['predicted', 'predicted']);
    await applyTo(overlay, present, { name: 'eve' });
    expect(overlay.user('bob')).to.include({ uid: 1001, gid: 1002 });
    expect(overlay.user('eve')).to.include({ uid: 1002, gid: 1003 });
    expect(overlay.group('crew')!.members).to.deep.equal(['bob']);
  });

  it('shows no password, and gives none to a command line', async () => {
    await using stage = await hostOf({ host: { files } });
    const args = { name: 'alice', password: 'opensesame', hash_password: true };
    const { steps } = await applyTo(createOverlay(stage.host), present, args);
    const [{ change, also, effect }] = steps as [(typeof steps)[0]];
    expect([change, ...also!]).to.deep.equal([{ subject: 'password', old: '(hidden)', new: '(hidden)' }]);
    expect(effect.kind === 'exec' && effect.command.argv).to.deep.equal(['chpasswd', '-e']);
  });

  it('leaves a user of a directory alone', async () => {
    await using stage = await hostOf({ host: { files } });
    const ldap = { name: 'zoe', uid: 7000, gid: 7000, home: '/home/zoe', shell: '/bin/sh', gecos: '' };
    const host = {
      ...stage.host,
      user: (key: string | number) => (key === 'zoe' ? ldap : stage.host.user(key)),
    };
    const { refused } = await applyTo(host, present, { name: 'zoe' });
    expect(refused).to.match(/^The user zoe does not come from \/etc\/passwd/);
  });
});
