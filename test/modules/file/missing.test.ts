/** Fails where something lies at the path. */
import missing from '../../../engine/modules/file/missing.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('file.missing', missing, [
  {
    title: 'accepts that nothing is there',
    args: { name: '/x' },
    expects: { changes: [], comment: 'Path /x is missing' },
  },
  {
    title: 'fails for a file, and leaves it',
    args: { name: '/x' },
    host: { files: { '/x': 'x' } },
    expects: { refused: '/x exists.', files: { '/x': 'x' } },
  },
  {
    title: 'fails for a directory',
    args: { name: '/x' },
    host: { files: { '/x': { directory: true } } },
    expects: { refused: '/x exists.' },
  },
  {
    title: 'accepts a link that leads nowhere',
    args: { name: '/x' },
    host: { files: { '/x': { link: '/gone' } } },
    expects: { changes: [] },
  },
]);
