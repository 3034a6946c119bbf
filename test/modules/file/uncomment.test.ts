/** file.uncomment. */
import uncomment from '../../../engine/modules/file/uncomment.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { type EditRow, editCase } from './_edit-case.ts';

const rows: readonly EditRow[] = [
  // Salt: the blank after the sign stays, as recorded from Salt.
  ['a line', { regex: 'deb two' }, 'deb one\n# deb two\n', 'deb one\n deb two\n'],
  ['a line that is switched on', { regex: 'deb two' }, 'deb one\n deb two\n'],
  ['a leading ^ is ignored', { regex: '^two' }, '#two\n', 'two\n'],
  ['the whole line', { regex: 'two$' }, '#two\n#two three\n', 'two\n#two three\n'],
  ['several signs', { regex: 'x', char: '//' }, '//x\n/// x\n', 'x\n/// x\n'],
  ['nothing matches', { regex: 'x' }, 'a\n', /"x" matches nothing/],
  ['nothing matches, and that is fine', { regex: 'x', ignore_missing: true }, 'a\n'],
  ['a sign within a line', { regex: 'x' }, 'a # x\n', /not right after a comment sign/],
  ['CR LF', { regex: 'a$' }, '#a\r\nb\r\n', 'a\r\nb\r\n'],
];

stateTester('file.uncomment', uncomment, [
  ...rows.map((row) => editCase(row, 'kept')),
  {
    title: 'a missing file',
    args: { name: '/none', regex: 'x' },
    expects: { refused: '/none does not exist.' },
  },
]);
