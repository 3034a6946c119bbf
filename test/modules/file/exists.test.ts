/** Fails where nothing lies at the path. */
import exists from '../../../engine/modules/file/exists.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('file.exists', exists, [
  {
    title: 'accepts a file',
    args: { name: '/x' },
    host: { files: { '/x': '' } },
    expects: { changes: [], comment: 'Path /x exists' },
  },
  {
    title: 'accepts a directory',
    args: { name: '/x' },
    host: { files: { '/x': { directory: true } } },
    expects: { changes: [] },
  },
  { title: 'fails where nothing is', args: { name: '/x' }, expects: { refused: '/x does not exist.' } },
  {
    title: 'fails for a link that leads nowhere',
    args: { name: '/x' },
    host: { files: { '/x': { link: '/gone' } } },
    expects: { refused: '/x does not exist.' },
  },
]);
