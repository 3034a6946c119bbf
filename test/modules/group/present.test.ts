import present from '../../../engine/modules/group/present.ts';
import { type StateCase, stateTester } from '../../helpers/state-tester.ts';

const passwd =
  'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n';
const group = 'root:x:0:\nalice:x:1000:\nbob:x:1001:\ndevs:x:3000:alice,gone\nlow:x:997:\n';
const files = {
  '/etc/passwd': passwd,
  '/etc/group': group,
  '/etc/gshadow': 'root:*::\ndevs:secret:bob:alice,gone\n',
};

function afterwards(record: string, shadow: string): StateCase['expects']['files'] {
  return {
    '/etc/group': { content: `${group}${record}\n` },
    '/etc/gshadow': { content: `${files['/etc/gshadow']}${shadow}\n` },
  };
}

stateTester('group.present', present, [
  {
    title: 'a new group gets the id above the highest',
    args: { name: 'ops' },
    host: { files },
    expects: { changes: ['gid'], files: afterwards('ops:x:3001:', 'ops:!::') },
  },
  {
    title: 'a new system group gets the id below the lowest',
    args: { name: 'svc', system: true },
    host: { files },
    expects: { changes: ['gid'], files: afterwards('svc:x:996:', 'svc:!::') },
  },
  {
    title: 'a new group with id and members',
    args: { name: 'ops', gid: 0, members: ['bob', 'alice'], non_unique: true },
    host: { files },
    expects: {
      changes: ['gid', 'members'],
      files: afterwards('ops:x:0:bob,alice', 'ops:!::bob,alice'),
    },
  },
  {
    title: 'all as it should be',
    args: { name: 'devs', gid: 3000, members: ['gone', 'alice'] },
    host: { files },
    expects: { changes: [] },
  },
  {
    title: 'another id, which users follow',
    args: { name: 'alice', gid: 3005 },
    host: { files },
    expects: {
      changes: ['gid'],
      files: {
        '/etc/group': { content: group.replace('alice:x:1000', 'alice:x:3005') },
        '/etc/passwd': { content: passwd.replace('alice:x:1000:1000', 'alice:x:1000:3005') },
      },
    },
  },
  {
    title: 'exactly these members; the password and the admins of a group stay',
    args: { name: 'devs', members: ['bob'] },
    host: { files },
    expects: {
      changes: ['members'],
      files: { '/etc/gshadow': { content: 'root:*::\ndevs:secret:bob:bob\n' } },
    },
  },
  {
    title: 'no members',
    args: { name: 'devs', members: [] },
    host: { files },
    expects: {
      changes: ['members'],
      effects: [
        {
          kind: 'exec',
          command: { argv: ['gpasswd', '-M', '', 'devs'] },
          settles: [
            { about: 'record', file: '/etc/group', key: 'devs', record: 'devs:x:3000:' },
            { about: 'record', file: '/etc/gshadow', key: 'devs', record: 'devs:secret:bob:' },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'members added and taken away',
    args: { name: 'devs', addusers: ['bob', 'alice'], delusers: ['gone', 'root'] },
    host: { files },
    expects: {
      changes: ['member bob', 'member gone'],
      files: { '/etc/gshadow': { content: 'root:*::\ndevs:secret:bob:alice,bob\n' } },
    },
  },
  {
    title: 'an id that another group has',
    args: { name: 'ops', gid: 3000 },
    host: { files },
    expects: { refused: 'The id 3000 belongs to the group devs.' },
  },
  {
    title: 'members that do not exist',
    args: { name: 'devs', members: ['alice', 'nosuch'] },
    host: { files },
    expects: { refused: 'There is no user nosuch to be a member of devs.' },
  },
  {
    title: 'members in two ways',
    args: { name: 'devs', members: ['alice'], addusers: ['bob'] },
    host: { files },
    expects: { refused: 'members cannot be given together with addusers or delusers.' },
  },
  {
    title: 'added and taken away',
    args: { name: 'devs', addusers: ['bob'], delusers: ['bob'] },
    host: { files },
    expects: { refused: 'bob cannot be both added and taken away.' },
  },
  ...['-x', 'a:b', 'a\nb', 'a b', '12', '', '..', 'a,b', 'x'.repeat(33)].map((name) => ({
    title: `the name ${JSON.stringify(name)}`,
    args: { name },
    expects: { refused: /cannot be the name of a group/ },
  })),
  {
    title: 'no id is left',
    args: { name: 'ops' },
    host: { files: { ...files, '/etc/login.defs': '# note\nGID_MIN 3000\nGID_MAX\t3000\n' } },
    expects: { refused: 'No id is free for a new group.' },
  },
  {
    title: 'gaps are used when the end of the range is reached',
    args: { name: 'ops' },
    host: { files: { ...files, '/etc/login.defs': 'GID_MIN 2998\nGID_MAX 3000\n' } },
    expects: { changes: ['gid'], files: afterwards('ops:x:2998:', 'ops:!::') },
  },
]);
