/** file.append. */
import append from '../../../engine/modules/file/append.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { type EditRow, editCase } from './_edit-case.ts';

const rows: readonly EditRow[] = [
  ['a text', { text: 'b' }, 'a\n', 'a\nb\n'],
  ['a text after a line without newline', { text: 'b' }, 'a', 'a\nb\n'],
  ['a text that is there', { text: 'a' }, 'a\nb\n'],
  ['a part of a line is not enough', { text: 'a' }, 'ab\n', 'ab\na\n'],
  ['other blanks are no difference', { text: 'a  b' }, '\ta b \n'],
  ['other blanks are a difference', { text: 'a  b', ignore_whitespace: false }, 'a b\n', 'a b\na  b\n'],
  [
    'characters of patterns mean themselves',
    { text: 'a.*[b', ignore_whitespace: false },
    'axxb\n',
    'axxb\na.*[b\n',
  ],
  ['characters of patterns mean themselves, blanks aside', { text: 'a.* [b' }, 'axx b\n', 'axx b\na.* [b\n'],
  ['a list, of which one is there', { text: ['a', 'b', 22] }, 'b\n', 'b\na\n22\n'],
  ['several lines', { text: 'a\nb\n' }, 'x\n', 'x\na\nb\n'],
  ['several lines that are there', { text: 'a\nb\n' }, 'x\na\n  b\n'],
  ['lines in another order', { text: 'a\nb\n' }, 'b\na\n', 'b\na\na\nb\n'],
  [
    'quotes',
    { text: `it's "so  far" away` },
    `it's "so far" away\n`,
    `it's "so far" away\nit's "so  far" away\n`,
  ],
  ['a quote that is not closed', { text: `it's "so` }, `it's    "so\n`],
  ['nothing', { text: '' }, 'a\n'],
  ['an empty list', { text: [] }, 'a\n'],
  ['to an empty file', { text: 'a' }, '', 'a\n'],
  ['CR LF', { text: 'a\nb' }, 'x\r\n', 'x\r\na\r\nb\r\n'],
  ['umlauts', { text: 'schön' }, 'x\n', 'x\nschön\n'],
];

stateTester('file.append', append, [
  ...rows.map((row) => editCase(row)),
  {
    title: 'a missing file is made',
    args: { name: '/new', text: 'a' },
    expects: { changes: ['content'], files: { '/new': { content: 'a\n', mode: 0o644 } } },
  },
  {
    title: 'a missing file is made even for no text',
    args: { name: '/new', text: [] },
    expects: { changes: ['content'], files: { '/new': '' } },
  },
  {
    title: 'no directory for it',
    args: { name: '/no/such/new', text: 'a' },
    expects: { refused: /parent directory \/no\/such does not exist/ },
  },
  {
    title: 'directories are made',
    args: { name: '/no/such/new', text: 'a', makedirs: true },
    expects: { changes: ['/no', '/no/such', 'content'], files: { '/no/such/new': 'a\n' } },
  },
  {
    title: 'no text',
    args: { name: '/new' },
    expects: { refused: 'There is no text to add.' },
  },
  {
    title: 'rendered sources win over text',
    args: { name: '/new', text: 'a', sources: ['salt://one', 'salt://two'], defaults: { who: 'me' } },
    sources: { one: 'by {{ who }}\n', two: 'and you\n' },
    expects: { changes: ['content'], files: { '/new': 'by me\nand you\n' } },
  },
  {
    title: 'a source as it is',
    args: { name: '/new', source: 'salt://one', template: '' },
    sources: { one: 'by {{ who }}\n' },
    expects: { changes: ['content'], files: { '/new': 'by {{ who }}\n' } },
  },
  {
    title: 'source and sources',
    args: { name: '/new', source: 'salt://one', sources: ['salt://one'] },
    sources: { one: 'x' },
    expects: { refused: /Only one of source and sources/ },
  },
  {
    title: 'a source that is missing',
    args: { name: '/new', source: 'salt://none' },
    expects: { refused: /none/ },
  },
  {
    title: 'bytes that are not UTF-8',
    args: { name: '/latin', text: 'gr\u00fcn' },
    host: { files: { '/latin': Buffer.from('wei\xdf\n', 'latin1') } },
    expects: {
      changes: ['content'],
      files: { '/latin': Buffer.concat([Buffer.from('wei\xdf\n', 'latin1'), Buffer.from('grün\n')]) },
    },
  },
]);
