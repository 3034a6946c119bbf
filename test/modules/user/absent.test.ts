import absent from '../../../engine/modules/user/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const files = {
  '/etc/passwd':
    'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1000::/srv:/bin/sh\n',
  '/etc/group': 'root:x:0:\nalice:x:1000:\nbob:x:1001:bob\nsudo:x:27:bob,alice\n',
  '/etc/shadow': 'alice:!:1::::::\nbob:!:1::::::\n',
  '/etc/gshadow': 'alice:!::\nsudo:*::bob,alice\n',
  '/etc/subuid': 'alice:100000:65536\n',
  '/etc/login.defs': 'USERGROUPS_ENAB yes\n',
  '/home/alice': { directory: true },
  '/home/alice/note': 'n',
  '/srv': { directory: true },
  '/var/mail/alice': 'm',
  '/var/mail/bob': 'm',
} as const;

stateTester('user.absent', absent, [
  {
    title: 'removes a user, and leaves its home and a group that another needs',
    args: { name: 'alice' },
    host: { files },
    expects: {
      changes: ['alice'],
      files: {
        '/etc/passwd': { content: files['/etc/passwd'].replace(/alice.*\n/, '') },
        '/etc/group': { content: files['/etc/group'].replace('bob,alice', 'bob') },
        '/etc/shadow': { content: 'bob:!:1::::::\n' },
        '/etc/gshadow': { content: 'alice:!::\nsudo:*::bob\n' },
        '/etc/subuid': { content: '' },
        '/home/alice/note': { content: 'n' },
      },
    },
  },
  {
    title: 'removes home and mailbox too',
    args: { name: 'alice', purge: true, force: true },
    host: { files: { ...files, '/home/alice': { directory: true, user: 1000 } } },
    needsRoot: true,
    expects: {
      changes: ['alice', '/home/alice', '/var/mail/alice'],
      files: {
        '/etc/group': {
          content: files['/etc/group'].replace('bob,alice', 'bob').replace('alice:x:1000:\n', ''),
        },
        '/home/alice': null,
        '/var/mail/alice': null,
        '/var/mail/bob': { content: 'm' },
      },
    },
  },
  {
    title: 'leaves a home alone that belongs to another',
    args: { name: 'bob', purge: true },
    host: { files },
    expects: {
      changes: ['bob', '/var/mail/bob'],
      files: {
        '/srv': { directory: true },
        '/var/mail/bob': null,
        '/etc/group': { content: files['/etc/group'].replace('bob,alice', 'alice').replace(':bob\n', ':\n') },
      },
      warnings: ['/srv is left alone: it does not belong to bob.'],
    },
  },
  { title: 'nobody there', args: { name: 'carol', purge: true }, host: { files }, expects: { changes: [] } },
  {
    title: 'a name that is none',
    args: { name: '-r' },
    host: { files },
    expects: { refused: /cannot be the name/ },
  },
]);
