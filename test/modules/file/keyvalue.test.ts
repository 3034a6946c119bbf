/** file.keyvalue. */
import { Float } from '../../../engine/core/value.ts';
import keyvalue from '../../../engine/modules/file/keyvalue.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { type EditRow, editCase } from './_edit-case.ts';

const sshdBefore = '# PermitRootLogin: see below\n#Port 22\nPort 2222\nX11Forwarding yes\n';
const sshd = 'Port 22\n#PermitRootLogin yes\nPasswordAuthentication yes\n';
const rows: readonly EditRow[] = [
  ['one key', { key: 'A', value: '9' }, 'A=1\nB = 2\n', 'A=9\nB = 2\n'],
  ['one key, right already', { key: 'A', value: 9 }, 'A=9\n'],
  ['a key that is missing', { key: 'C', value: '3' }, 'A=9\n'],
  ['a key that is added', { key: 'C', value: '3', append_if_not_found: true }, 'A=9\n', 'A=9\nC=3\n'],
  [
    'a key added after a line without newline',
    { key: 'C', value: '3', append_if_not_found: true },
    'A=9',
    'A=9\nC=3\n',
  ],
  [
    'keys put in front',
    { key_values: { C: 3, D: 4 }, prepend_if_not_found: true },
    'A=9\n',
    'D=4\nC=3\nA=9\n',
  ],
  [
    'several, switched on',
    {
      key_values: { permitrootlogin: 'no', PasswordAuthentication: 'no' },
      separator: ' ',
      uncomment: '#',
      key_ignore_case: true,
    },
    sshd,
    'Port 22\nPermitRootLogin no\nPasswordAuthentication no\n',
  ],
  ['a comment is no setting', { key: 'PermitRootLogin', value: 'no', separator: ' ' }, sshd],
  [
    'a comment that says so already',
    { key: 'PermitRootLogin', value: 'yes', separator: ' ', uncomment: '# ' },
    sshd,
    sshd.replace('#', ''),
  ],
  ['a further line of the same key goes', { key: 'A', value: 1 }, 'A=2\nB=1\nA=3\n', 'A=1\nB=1\n'],
  ['all lines of a key', { key: 'A', value: 1, count: -1 }, 'A=2\nA=3\n', 'A=1\nA=1\n'],
  ['no line of a key', { key: 'A', value: 1, count: 0 }, 'A=2\nB=1\nA=1\n', 'B=1\n'],
  [
    'two lines of a key',
    { key: 'A', value: 1, count: 2, append_if_not_found: true },
    'B=1\n',
    'B=1\nA=1\nA=1\n',
  ],
  ['the key has to be all there is', { key: 'A', value: 1 }, 'AB=2\nA =2\n'],
  ['a longer separator', { key: 'key', value: 5, separator: ' = ' }, 'key = 1\nkey=2\n', 'key = 5\nkey=2\n'],
  ['blanks around the value', { key: 'A', value: '1' }, 'A=  1  \n'],
  ['case of the value', { key: 'A', value: 'Yes', value_ignore_case: true }, 'A=yes\n'],
  ['case of the value counts', { key: 'A', value: 'Yes' }, 'A=yes\n', 'A=Yes\n'],
  ['an indented line', { key: 'A', value: 1 }, '  A=2\n', 'A=1\n'],
  ['a truth value prints as in Python', { key: 'A', value: true }, 'A=x\n', 'A=True\n'],
  ['a float prints as in Python', { key_values: new Map([['A', new Float(3)]]) }, 'A=x\n', 'A=3.0\n'],
  ['a float alone prints as in Python', { key: 'A', value: new Float(3) }, 'A=x\n', 'A=3.0\n'],
  ['only looking', { key: 'A', value: 1, search_only: true }, 'A=2\n'],
  [
    'a value after tabs and blanks',
    { key_values: { Port: 22, B: 2 }, separator: ' ' },
    'Port\t 22\nB\t1\n',
    'Port\t 22\nB 2\n',
  ],
  [
    'only what comes before a line',
    { key_values: { A: 2, C: 3 }, before: '^\\[two\\]', append_if_not_found: true },
    'A=1\n[two]\nA=1\n[two]\n',
    'A=2\nC=3\n[two]\nA=1\n[two]\n',
  ],
  ['CR LF', { key: 'A', value: 1 }, 'A=2\r\nB=1\r\n', 'A=1\r\nB=1\r\n'],
];

stateTester('file.keyvalue', keyvalue, [
  ...rows.map((row) => editCase(row, 'none')),
  {
    title: 'Match blocks of sshd are left alone',
    args: {
      name: '/etc/ssh/sshd_config',
      key_values: { Port: 22, X11Forwarding: 'no', PermitRootLogin: 'no' },
      separator: ' ',
      uncomment: '#',
      append_if_not_found: true,
    },
    host: { files: { '/etc/ssh/sshd_config': `${sshdBefore}match User git\n  X11Forwarding yes\nPort 9\n` } },
    expects: {
      changes: ['content'],
      files: {
        '/etc/ssh/sshd_config':
          '# PermitRootLogin: see below\nPort 22\nX11Forwarding no\nPermitRootLogin no\nmatch User git\n  X11Forwarding yes\nPort 9\n',
      },
    },
  },
  {
    title: 'Match blocks of sshd count where that is asked for',
    args: { name: '/etc/ssh/sshd_config.d/x.conf', key: 'Port', value: 22, separator: ' ', before: '' },
    host: { files: { '/etc/ssh/sshd_config.d/x.conf': 'Match all\nPort 9\n' } },
    expects: { changes: ['content'], files: { '/etc/ssh/sshd_config.d/x.conf': 'Match all\nPort 22\n' } },
  },
  {
    title: 'a pattern that is none',
    args: { name: '/conf', key: 'A', value: 1, before: '(' },
    host: { files: { '/conf': 'A=2\n' } },
    expects: { refused: /cannot be understood/ },
  },
  {
    title: 'what is written is validated first',
    args: { name: '/conf', key: 'A', value: 1, check_cmd: 'true' },
    host: { files: { '/conf': 'A=2\n' }, packages: {} },
    expects: {
      changes: ['content'],
      effects: [
        {
          kind: 'write',
          path: '/conf',
          content: Buffer.from('A=1\n'),
          user: process.getuid!(),
          group: process.getgid!(),
          mode: 0o644,
          check: { argv: ['true'], shell: '/bin/sh' },
        },
      ],
    },
  },
  {
    title: 'a missing file',
    args: { name: '/none', key: 'A', value: 1, append_if_not_found: true },
    expects: { refused: '/none does not exist.' },
  },
  {
    title: 'a missing file that may be missing',
    args: { name: '/none', key: 'A', value: 1, ignore_if_missing: true },
    expects: { changes: [] },
  },
  {
    title: 'a missing file that is made',
    args: { name: '/new', key_values: { B: 1, A: 2, 8080: 3 }, create_if_missing: true },
    expects: { changes: ['content'], files: { '/new': { content: '8080=3\nB=1\nA=2\n', mode: 0o644 } } },
  },
  {
    title: 'nothing to set',
    args: { name: '/new', key: 'A' },
    expects: { refused: 'There is nothing to set.' },
  },
  {
    title: 'both forms',
    args: { name: '/new', key: 'A', value: 1, key_values: { B: 1 } },
    expects: { refused: /together with key and value/ },
  },
]);
