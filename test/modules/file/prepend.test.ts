/** file.prepend. */
import prepend from '../../../engine/modules/file/prepend.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { type EditRow, editCase } from './_edit-case.ts';

const rows: readonly EditRow[] = [
  ['a text', { text: 'b' }, 'a\n', 'b\na\n'],
  ['a text that is there, anywhere', { text: 'b' }, 'a\nb\n'],
  ['a list', { text: ['x', 'a', 'y'] }, 'a\n', 'x\ny\na\n'],
  ['a header that is there elsewhere', { text: 'b', header: true }, 'a\nb\n', 'b\na\nb\n'],
  ['a header that is there', { text: 'b\na', header: true }, 'b\na\nx\n'],
  ['a header that is all there is, without newline', { text: 'b', header: true }, 'b'],
  ['a header with a blank more', { text: 'b', header: true }, 'b \n', 'b\nb \n'],
  ['to an empty file', { text: 'a' }, '', 'a\n'],
  ['CR LF', { text: 'a\nb' }, 'x\r\n', 'a\r\nb\r\nx\r\n'],
];

stateTester('file.prepend', prepend, [
  ...rows.map((row) => editCase(row)),
  {
    title: 'a missing file is made, with its directory',
    args: { name: '/d/new', text: 'a', makedirs: true },
    expects: { changes: ['/d', 'content'], files: { '/d/new': 'a\n' } },
  },
  {
    title: 'no directory for it',
    args: { name: '/d/new', text: 'a' },
    expects: { refused: /parent directory/ },
  },
  { title: 'no text', args: { name: '/new' }, expects: { refused: 'There is no text to add.' } },
  {
    title: 'a source',
    args: { name: '/new', source: 'salt://one' },
    sources: { one: 'x\ny\n' },
    expects: { changes: ['content'], files: { '/new': 'x\ny\n' } },
  },
]);
