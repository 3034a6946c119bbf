/** file.comment. */
import comment from '../../../engine/modules/file/comment.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { type EditRow, editCase } from './_edit-case.ts';

const list = 'deb one\n# deb two\ndeb three\n';
const rows: readonly EditRow[] = [
  ['a line', { regex: '^deb one' }, list, `#${list}`],
  ['a line that is commented out', { regex: '^deb one' }, `#${list}`],
  ['all lines that match', { regex: '^deb' }, list, '#deb one\n# deb two\n#deb three\n'],
  ['the whole line', { regex: '^deb$' }, 'deb\ndeb one\n', '#deb\ndeb one\n'],
  ['another sign', { regex: '^a', char: '// ' }, 'a\nb\n', '// a\nb\n'],
  ['a sign that would be a pattern', { regex: '^a', char: '*' }, 'a\n', '*a\n'],
  ['a pattern without ^', { regex: 'deb three' }, list, 'deb one\n# deb two\n#deb three\n'],
  ['nothing matches', { regex: '^rpm' }, list, /"\^rpm" matches nothing/],
  ['nothing matches, and that is fine', { regex: '^rpm', ignore_missing: true }, list],
  ['an indented line', { regex: '^x' }, '  x\n', /not from where a line begins/],
  ['an indented line that is allowed for', { regex: '^\\s*x' }, '  x\n', '#  x\n'],
  ['a pattern that matches its own result', { regex: '.*x' }, 'ax\n', '#ax\n'],
  ['CR LF', { regex: '^a$' }, 'a\r\nb\r\n', '#a\r\nb\r\n'],
];

stateTester('file.comment', comment, [
  ...rows.map((row) => editCase(row, 'kept')),
  {
    title: 'no backup',
    args: { name: '/list', regex: '^deb one', backup: false },
    host: { files: { '/list': list } },
    expects: { changes: ['content'], files: { '/list': `#${list}`, '/list.bak': null } },
  },
  {
    title: 'a missing file',
    args: { name: '/none', regex: 'x', ignore_missing: true },
    expects: { refused: '/none does not exist.' },
  },
  {
    title: 'a backup that would lie elsewhere',
    args: { name: '/list', regex: '^deb one', backup: '/../../x' },
    host: { files: { '/list': list } },
    expects: { refused: /cannot hold a slash/ },
  },
]);
