/** Nothing lies at the path. */
import absent from '../../../engine/modules/file/absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('file.absent', absent, [
  {
    title: 'is quiet where nothing is',
    args: { name: '/x/y' },
    expects: { changes: [], comment: 'File /x/y is not present' },
  },
  {
    title: 'removes a file',
    args: { name: '/x' },
    host: { files: { '/x': 'x' } },
    expects: { changes: ['/x'], files: { '/x': null } },
  },
  {
    title: 'removes a directory with all it holds, not what links in it lead to',
    args: { name: '/x/' },
    host: { files: { '/x/a/b': 'b', '/x/link': { link: '/kept' }, '/kept/c': 'c' } },
    expects: { changes: ['/x'], files: { '/x': null, '/kept/c': 'c' } },
  },
  {
    title: 'removes a link, not what it leads to',
    args: { name: '/x' },
    host: { files: { '/x': { link: '/kept' }, '/kept/c': 'c' } },
    expects: { changes: ['/x'], files: { '/x': null, '/kept/c': 'c' } },
  },
  {
    title: 'removes a link that leads nowhere',
    args: { name: '/x' },
    host: { files: { '/x': { link: '/gone' } } },
    expects: { changes: ['/x'], files: { '/x': null } },
  },
  {
    title: 'removes an odd name as it is',
    args: { name: '/a/*' },
    host: { files: { '/a/*': 'x', '/a/b': 'b' } },
    expects: { changes: ['/a/*'], files: { '/a/*': null, '/a/b': 'b' } },
  },
  {
    title: 'never removes everything',
    args: { name: '//' },
    host: { files: { '/x': 'x' } },
    expects: { refused: '"/" is never removed.', files: { '/x': 'x' } },
  },
  {
    title: 'never removes what .. leads to',
    args: { name: '/x/..' },
    host: { files: { '/x/y': 'x' } },
    expects: { refused: '"/x/.." is never removed.', files: { '/x/y': 'x' } },
  },
]);
