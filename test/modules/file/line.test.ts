/** file.line. */
import line from '../../../engine/modules/file/line.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { type EditRow, editCase } from './_edit-case.ts';

const rows: readonly EditRow[] = [
  [
    'insert at the start',
    { mode: 'insert', location: 'start', content: 'zero' },
    'one\ntwo\n',
    'zero\none\ntwo\n',
  ],
  ['insert at the start again', { mode: 'insert', location: 'start', content: 'zero' }, 'zero\none\n'],
  // Salt: the empty line and the missing newline are as recorded from Salt.
  [
    'insert at the end',
    { mode: 'insert', location: 'end', content: 'four' },
    'one\nthree\n',
    'one\nthree\n\nfour',
  ],
  [
    'insert at the end without newline',
    { mode: 'insert', location: 'end', content: 'x' },
    'a\n  b',
    'a\n  b\n  x',
  ],
  ['insert at the end again', { mode: 'insert', location: 'end', content: 'b' }, 'a\nb\n'],
  ['insert at the end of nothing', { mode: 'insert', location: 'end', content: 'x' }, '', 'x'],
  ['insert at the start of nothing', { mode: 'insert', location: 'start', content: 'x' }, '', 'x\n'],
  [
    'insert after',
    { mode: 'insert', after: '^two', content: 'two and a half' },
    'two\nthree\n',
    'two\ntwo and a half\nthree\n',
  ],
  [
    'insert before',
    { mode: 'insert', before: '^\\s+two', content: 'x' },
    'one\n  two\n',
    'one\n  x\n  two\n',
  ],
  ['insert before the first', { mode: 'insert', before: 'one', content: 'x' }, 'one\ntwo\n', 'x\none\ntwo\n'],
  [
    'insert between',
    { mode: 'insert', after: '^a', before: '^d', content: 'x' },
    'a\nb\nc\nd\n',
    'a\nb\nc\nx\nd\n',
  ],
  ['insert nowhere', { mode: 'insert', after: '^z', content: 'x' }, 'a\n', /No line matches/],
  ['insert nowhere, quietly', { mode: 'insert', after: '^z', content: 'x', quiet: true }, 'a\n'],
  ['insert without a place', { mode: 'insert', content: 'x' }, 'a\n', /does not say where/],
  [
    'ensure after',
    { mode: 'ensure', after: '^key', content: 'k2 = 2' },
    'key = 1\nz\n',
    'key = 1\nk2 = 2\nz\n',
  ],
  [
    'ensure after an indented line',
    { mode: 'ensure', after: 'key', content: 'k2' },
    '  key\nz\n',
    '  key\n  k2\nz\n',
  ],
  [
    'ensure after without indent',
    { mode: 'ensure', after: 'key', content: 'k2', indent: false },
    '  key\nz\n',
    '  key\nk2\nz\n',
  ],
  ['ensure after the last line', { mode: 'ensure', after: '^b', content: 'x' }, 'a\nb', 'a\nb\nx'],
  ['ensure after, there', { mode: 'ensure', after: '^a', content: 'b' }, 'a\nb\n'],
  ['ensure before', { mode: 'ensure', before: '^c', content: 'x' }, 'a\n b\nc\n', 'a\n b\n x\nc\n'],
  ['ensure before, there', { mode: 'ensure', before: '^c', content: 'b' }, 'a\nb\nc\n'],
  ['ensure before the first line', { mode: 'ensure', before: '^a', content: 'x' }, 'a\nb\n', 'x\na\nb\n'],
  [
    'ensure between nothing',
    { mode: 'ensure', after: '^a', before: '^c', content: 'x' },
    'a\nc\n',
    'a\nx\nc\n',
  ],
  [
    'ensure between one other',
    { mode: 'ensure', after: '^a', before: '^c', content: 'x' },
    'a\nb\nc\n',
    'a\nx\nc\n',
  ],
  [
    'ensure between many',
    { mode: 'ensure', after: '^a', before: '^d', content: 'x' },
    'a\nb\nc\nd\n',
    /more than one line between/,
  ],
  [
    'ensure where two match',
    { mode: 'ensure', after: '^a', content: 'x' },
    'a1\na2\n',
    /More than one line matches after/,
  ],
  [
    'ensure without a place',
    { mode: 'ensure', content: 'x' },
    'a\n',
    /Give before or after|where the line belongs/,
  ],
  [
    'ensure a line that matches after itself',
    { mode: 'ensure', after: 'net', content: 'network' },
    'net\n',
    'net\nnetwork\n',
  ],
  ['replace', { mode: 'replace', match: 'b', content: 'x' }, 'a\n  b1\nc\n', 'a\n  x\nc\n'],
  ['replace nothing', { mode: 'replace', match: 'z', content: 'x' }, 'a\n'],
  [
    'replace all that match',
    { mode: 'replace', match: 'away', content: 'here' },
    'away\nx\naway too\n',
    'here\nx\nhere\n',
  ],
  ['replace by what matches, too', { mode: 'replace', match: '^a=', content: 'a=9' }, 'a=1\nb\n', 'a=9\nb\n'],
  ['replace without match', { mode: 'replace', content: 'b' }, 'a\nbbb\n', 'a\nb\n'],
  ['replace in an empty file', { mode: 'replace', match: 'a', content: 'b' }, ''],
  ['delete', { mode: 'delete', match: 'away' }, 'a\naway=1\nb\ngo away\n', 'a\nb\n'],
  ['delete by content', { mode: 'delete', content: 'a.c' }, 'a.c\nx\n', 'x\n'],
  ['delete the last line', { mode: 'delete', match: 'b' }, 'a\nb', 'a\n'],
  ['delete everything', { mode: 'Delete', match: 'a' }, 'a\na\n', ''],
  ['a fragment that is no pattern', { mode: 'delete', match: '*' }, 'a*\n', /cannot be understood/],
  ['no content', { mode: 'ensure', after: 'a' }, 'a\n', /needs content/],
  ['a number', { mode: 'ensure', after: '^a', content: 22 }, 'a\n', 'a\n22\n'],
  ['several lines', { mode: 'ensure', after: '^a', content: 'x\ny\n' }, 'a\nb\n', 'a\nx\ny\nb\n'],
  ['several lines at the end', { mode: 'insert', location: 'end', content: 'x\ny\n' }, 'a\nx\ny\n'],
  [
    'several lines at the start',
    { mode: 'insert', location: 'start', content: 'x\ny\n' },
    'a\n',
    'x\ny\na\n',
  ],
  ['several lines before', { mode: 'ensure', before: '^b', content: 'x\ny' }, 'a\nb\n', 'a\nx\ny\nb\n'],
  ['CR LF', { mode: 'ensure', after: '^a$', content: 'x' }, 'a\r\nb\r\n', 'a\r\nx\r\nb\r\n'],
];

stateTester('file.line', line, [
  ...rows.map((row) => editCase(row)),
  {
    title: 'a missing file',
    args: { name: '/none', mode: 'insert', location: 'end', content: 'x' },
    expects: { refused: '/none does not exist.' },
  },
  {
    title: 'a missing file that is made',
    args: { name: '/new', mode: 'insert', location: 'start', content: 'x', create: true, file_mode: 600 },
    expects: { changes: ['content'], files: { '/new': { content: 'x\n', mode: 0o600 } } },
  },
  {
    title: 'no directory for it',
    args: { name: '/no/new', mode: 'insert', location: 'start', content: 'x', create: true },
    expects: { refused: /parent directory \/no does not exist/ },
  },
  {
    title: 'mode as well',
    args: { name: '/conf', mode: 'replace', match: 'a', content: 'b', file_mode: '0600', backup: true },
    host: { files: { '/conf': 'a\n' } },
    expects: { changes: ['content', 'mode'], files: { '/conf': { content: 'b\n', mode: 0o600 } } },
  },
]);
