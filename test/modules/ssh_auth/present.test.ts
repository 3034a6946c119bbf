import present from '../../../engine/modules/ssh_auth/present.ts';
import { type StateCase, stateTester } from '../../helpers/state-tester.ts';
import { accounts, alice, ecdsa, ed25519, other } from './_case.ts';

const path = '/home/alice/.ssh/authorized_keys';
const line = `ssh-ed25519 ${ed25519} a@b`;

function having(content: string, mode = 0o600) {
  return { files: { ...accounts, [path]: { content, mode } } };
}

/** The file before and after. */
function edit(title: string, args: object, before: string, after?: string): StateCase {
  return {
    title,
    args: { user: 'alice', ...args },
    host: having(before),
    expects: {
      changes: after === undefined ? [] : ['ssh-ed25519 …3rxn2UG06prmBVmi'],
      files: { [path]: { content: after ?? before, mode: 0o600 } },
    },
  };
}

const strangers = `# mine\n\nssh-rsa broken\r\n  ssh-ed25519 ${other} \xe9t\xe9\n`;

stateTester('ssh_auth.present', present, [
  {
    title: 'makes directory and file for the user alone',
    args: { user: 'alice', name: line },
    host: { files: accounts },
    expects: {
      changes: ['/home/alice/.ssh', 'ssh-ed25519 …3rxn2UG06prmBVmi'],
      files: {
        '/home/alice/.ssh': { directory: true, mode: 0o700, user: alice },
        [path]: { content: `${line}\n`, mode: 0o600, user: alice },
      },
    },
  },
  edit('adds a line, and leaves those of others', { name: line }, strangers, `${strangers}${line}\n`),
  edit('adds a line after one without newline', { name: line }, '# x', `# x\n${line}\n`),
  edit('takes the type from the key', { name: ed25519, comment: 'ä b' }, '', `ssh-ed25519 ${ed25519} ä b\n`),
  edit(
    'writes options',
    { name: ed25519, options: ['restrict', 'command="a b"'] },
    '',
    `restrict,command="a b" ssh-ed25519 ${ed25519}\n`,
  ),
  edit('is there already', { name: line }, `${line}\n`),
  edit('is there already, with an end of line of its own', { name: line }, `${line}\r\n`),
  edit('keeps options and comment of a key alone', { name: ed25519 }, `restrict ssh-ed25519 ${ed25519} x\n`),
  edit('changes a comment', { name: line }, `ssh-ed25519 ${ed25519} c\n`, `${line}\n`),
  edit(
    'takes options away that a whole line does not name',
    { name: line },
    `restrict ${line}\n`,
    `${line}\n`,
  ),
  edit('takes options away', { name: ed25519, options: [] }, `restrict ${line}\n`, `${line}\n`),
  edit(
    'changes options, and removes a line that allows more',
    { name: ed25519, options: ['restrict'] },
    `no-pty ${line}\r\n# x\n${line}\n`,
    `restrict ${line}\r\n# x\n`,
  ),
  edit('is no comment', { name: line }, `#${line}\n`, `#${line}\n${line}\n`),
  {
    title: 'keys of a source',
    args: { user: 'alice', name: 'all', source: 'salt://keys', options: ['restrict'] },
    host: { files: { ...accounts, '/home/alice/.ssh': { directory: true, mode: 0o700 } } },
    sources: { keys: `# keys\n${line}\r\n\nfrom="x" ecdsa-sha2-nistp256 ${ecdsa}\n` },
    expects: {
      changes: ['ssh-ed25519 …3rxn2UG06prmBVmi', `ecdsa-sha2-nistp256 …${ecdsa.slice(-16)}`],
      files: { [path]: { content: `restrict ${line}\nfrom="x" ecdsa-sha2-nistp256 ${ecdsa}\n` } },
    },
  },
  {
    title: 'a source that holds something else',
    args: { user: 'alice', name: 'all', source: 'salt://keys' },
    host: { files: accounts },
    sources: { keys: `${line}\nnonsense\n` },
    expects: { refused: /^Line 2 of salt:\/\/keys: "nonsense" is not the public key of ssh/ },
  },
  {
    title: 'another file, which root shares among users',
    args: { user: 'alice', name: line, config: '/etc/ssh/keys/%u%%' },
    host: { files: accounts },
    expects: {
      changes: ['/etc/ssh', '/etc/ssh/keys', 'ssh-ed25519 …3rxn2UG06prmBVmi'],
      files: {
        '/etc/ssh/keys': { directory: true, mode: 0o755, user: 0 },
        '/etc/ssh/keys/alice%': { content: `${line}\n`, mode: 0o600 },
      },
    },
    needsRoot: true,
  },
  {
    title: 'closes to others what they may write to',
    args: { user: 'alice', name: line },
    host: {
      files: {
        ...accounts,
        '/home/alice/.ssh': { directory: true, mode: 0o775 },
        [path]: { content: `${line}\n`, mode: 0o666 },
      },
    },
    expects: {
      changes: ['/home/alice/.ssh mode', `${path} mode`],
      files: {
        '/home/alice/.ssh': { directory: true, mode: 0o755 },
        [path]: { content: `${line}\n`, mode: 0o644 },
      },
    },
  },
  {
    title: 'labels what is new where SELinux is',
    args: { user: 'alice', name: line },
    host: { files: { ...accounts, '/sys/fs/selinux/enforce': '1', '/usr/sbin/restorecon': '' } },
    expects: {
      changes: ['/home/alice/.ssh', 'ssh-ed25519 …3rxn2UG06prmBVmi', '/home/alice/.ssh label'],
      files: { [path]: { content: `${line}\n` } },
    },
  },
  {
    title: 'follows a link that may be trusted',
    args: { user: 'alice', name: line },
    host: {
      files: { ...accounts, [path]: { link: 'keys' }, '/home/alice/.ssh/keys': { content: '', mode: 0o600 } },
    },
    expects: {
      changes: ['ssh-ed25519 …3rxn2UG06prmBVmi'],
      files: { [path]: { link: 'keys' }, '/home/alice/.ssh/keys': { content: `${line}\n` } },
    },
  },
  {
    title: 'does not follow a link that the user planted',
    args: { user: 'eve', name: line },
    host: {
      files: {
        '/etc/passwd': 'root:x:0:0::/root:/bin/sh\neve:x:1234:1234::/home/eve:/bin/sh\n',
        '/etc/group': 'root:x:0:\n',
        '/etc/shadow': 'root:*:1::::::\n',
        '/home/eve': { directory: true, user: 1234 },
        '/home/eve/.ssh': { directory: true, user: 1234 },
        '/home/eve/.ssh/authorized_keys': { link: '/etc/shadow', user: 1234 },
      },
    },
    needsRoot: true,
    expects: { failed: /is not changed: the symbolic link .* belongs to another user/ },
  },
  {
    title: 'does not follow a directory that the user planted',
    args: { user: 'eve', name: line },
    host: {
      files: {
        '/etc/passwd': 'root:x:0:0::/root:/bin/sh\neve:x:1234:1234::/home/eve:/bin/sh\n',
        '/etc/group': 'root:x:0:\n',
        '/root/.ssh': { directory: true, mode: 0o700 },
        '/home/eve': { directory: true, user: 1234 },
        '/home/eve/.ssh': { link: '/root/.ssh', user: 1234 },
      },
    },
    needsRoot: true,
    expects: { failed: /is not changed: the symbolic link .* belongs to another user/ },
  },
  ...(
    [
      [
        'a key that is cut short',
        { name: `ssh-ed25519 ${ed25519.slice(0, -8)}` },
        /is not the public key of ssh, or not all of it/,
      ],
      ['another type', { name: ed25519, enc: 'ssh-rsa' }, 'The key is of type ssh-ed25519, not ssh-rsa.'],
      [
        'two lines',
        { name: `${line}\n${line}` },
        'A key cannot hold a control character, such as a newline.',
      ],
      ['a comment of two lines', { name: ed25519, comment: 'a\nssh-rsa' }, /^comment cannot hold/],
      ['an option of two lines', { name: ed25519, options: ['a\nb'] }, /^options cannot hold/],
      ['an option with a blank', { name: ed25519, options: ['command=a b'] }, /outside of quotes/],
      ['nobody', { name: line, user: 'nobody-here' }, 'There is no user nobody-here.'],
      [
        'a user without a home',
        { name: line, user: 'homeless' },
        'The home directory /none of homeless does not exist.',
      ],
      ['a source that is not there', { name: 'x', source: 'salt://none' }, /^The source cannot be had/],
    ] as const
  ).map(
    ([title, args, refused]): StateCase => ({
      title,
      args: { user: 'alice', ...args },
      host: { files: accounts },
      expects: { refused },
    }),
  ),
  {
    title: 'a directory in its place',
    args: { user: 'alice', name: line },
    host: { files: { ...accounts, [path]: { directory: true } } },
    expects: { refused: `${path} is a directory, not a file.` },
  },
]);
