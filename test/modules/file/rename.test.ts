/** What lay there lies here. */
import rename from '../../../engine/modules/file/rename.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const name = '/new';
const source = '/old';

stateTester('file.rename', rename, [
  {
    title: 'renames a file with its mode',
    args: { name, source },
    host: { files: { [source]: { content: 'x', mode: 0o600 } } },
    expects: { changes: [name], files: { [name]: { content: 'x', mode: 0o600 }, [source]: null } },
  },
  {
    title: 'renames a directory',
    args: { name, source },
    host: { files: { '/old/a/b': 'b' } },
    expects: { changes: [name], files: { '/new/a/b': 'b', [source]: null } },
  },
  {
    title: 'renames a link that leads nowhere',
    args: { name, source },
    host: { files: { [source]: { link: '/gone' } } },
    expects: { changes: [name], files: { [name]: { link: '/gone' }, [source]: null } },
  },
  {
    title: 'is quiet where the source is gone',
    args: { name, source },
    host: { files: { [name]: 'x' } },
    expects: { changes: [], comment: /already been moved/ },
  },
  {
    title: 'leaves an existing target alone',
    args: { name, source },
    host: { files: { [name]: 'x', [source]: 'y' } },
    expects: { changes: [], comment: /will not be overwritten/, files: { [name]: 'x', [source]: 'y' } },
  },
  {
    title: 'force replaces a file',
    args: { name, source, force: true },
    host: { files: { [name]: 'x', [source]: 'y' } },
    expects: { changes: [name], files: { [name]: 'y', [source]: null } },
  },
  {
    title: 'force replaces a directory',
    args: { name, source, force: true },
    host: { files: { '/new/a': 'x', [source]: 'y' } },
    expects: { changes: [name, name], files: { [name]: { content: 'y' }, [source]: null } },
  },
  {
    title: 'refuses a missing parent',
    args: { name: '/no/new', source },
    host: { files: { [source]: 'y' } },
    expects: { refused: 'The parent directory /no does not exist.', files: { [source]: 'y' } },
  },
  {
    title: 'makes parents',
    args: { name: '/no/new', source, makedirs: true },
    host: { files: { [source]: 'y' } },
    expects: { changes: ['/no', '/no/new'], files: { '/no/new': 'y', [source]: null } },
  },
  {
    title: 'refuses to move a directory into itself',
    args: { name: '/old/a', source },
    host: { files: { '/old/b': 'b' } },
    expects: { refused: '/old cannot be moved into itself.' },
  },
  {
    title: 'refuses to replace a directory by what it holds',
    args: { name: source, source: '/old/b', force: true },
    host: { files: { '/old/b': 'b' } },
    expects: { refused: /\/old holds \/old\/b/, files: { '/old/b': 'b' } },
  },
]);
