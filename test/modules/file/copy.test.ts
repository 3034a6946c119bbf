/** A copy of something on the host itself. */
import copy from '../../../engine/modules/file/copy.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const name = '/dst';
const source = '/src';
const folder = {
  '/src/a': { content: 'a', mode: 0o755 },
  '/src/sub/b': 'b',
  '/src/link': { link: 'a' },
} as const;

stateTester('file.copy', copy, [
  {
    title: 'copies a file with its mode',
    args: { name, source },
    host: { files: { [source]: { content: Buffer.from([0, 255]), mode: 0o750 } } },
    expects: { changes: [name], files: { [name]: { content: Buffer.from([0, 255]), mode: 0o750 } } },
  },
  {
    title: 'leaves an existing target alone',
    args: { name, source },
    host: { files: { [source]: 'new', [name]: 'old' } },
    expects: { changes: [], comment: /will not be overwritten/, files: { [name]: 'old' } },
  },
  {
    title: 'force replaces a file that differs',
    args: { name, source, force: true },
    host: { files: { [source]: 'new', [name]: 'old' } },
    expects: { changes: [name], files: { [name]: 'new' } },
  },
  {
    title: 'force is quiet where both are the same',
    args: { name, source, force: true },
    host: { files: { [source]: 'x', [name]: 'x' } },
    expects: { changes: [] },
  },
  {
    title: 'force sets the mode of an equal file',
    args: { name, source, force: true, mode: '0600' },
    host: { files: { [source]: 'x', [name]: 'x' } },
    expects: { changes: ['/dst mode'], files: { [name]: { mode: 0o600 } } },
  },
  {
    title: 'force replaces a directory by a file',
    args: { name, source, force: true },
    host: { files: { [source]: 'x', '/dst/y': 'y' } },
    expects: { changes: [name, name], files: { [name]: { content: 'x' } } },
  },
  {
    title: 'refuses a missing source',
    args: { name, source },
    expects: { refused: 'The source /src does not exist.' },
  },
  {
    title: 'refuses a missing parent',
    args: { name: '/no/dst', source },
    host: { files: { [source]: 'x' } },
    expects: { refused: 'The parent directory /no does not exist.' },
  },
  {
    title: 'makes parents',
    args: { name: '/no/dst', source, makedirs: true, dir_mode: '0711' },
    host: { files: { [source]: 'x' } },
    expects: {
      changes: ['/no', '/no/dst'],
      files: { '/no': { directory: true, mode: 0o711 }, '/no/dst': 'x' },
    },
  },
  {
    title: 'copies a folder with links as links',
    args: { name, source },
    host: { files: folder },
    expects: {
      changes: [name, '/dst/a', '/dst/link', '/dst/sub', '/dst/sub/b'],
      files: { '/dst/a': { content: 'a', mode: 0o755 }, '/dst/sub/b': 'b', '/dst/link': { link: 'a' } },
    },
  },
  {
    title: 'force makes a folder the same, and removes what the source lacks',
    args: { name, source, force: true },
    host: {
      files: {
        ...folder,
        '/dst/a': { content: 'a', mode: 0o755 },
        '/dst/sub': 'in the way',
        '/dst/old/x': 'x',
      },
    },
    expects: {
      changes: ['/dst/link', '/dst/sub', '/dst/sub', '/dst/sub/b', '/dst/old'],
      files: { '/dst/sub/b': 'b', '/dst/old': null, '/dst/link': { link: 'a' } },
    },
  },
  {
    title: 'subdir copies into a directory',
    args: { name, source, subdir: true },
    host: { files: { [source]: 'x', [name]: { directory: true } } },
    expects: { changes: ['/dst/src'], files: { '/dst/src': 'x' } },
  },
  {
    title: 'refuses to copy a folder into itself',
    args: { name: '/src/sub/copy', source },
    host: { files: folder },
    expects: { refused: '/src cannot be copied into itself.' },
  },
  {
    title: 'refuses to replace a folder by what it holds',
    args: { name: source, source: '/src/a', force: true },
    host: { files: folder },
    expects: { refused: /\/src holds \/src\/a/ },
  },
  {
    title: 'preserve keeps owner and time',
    args: { name, source, preserve: true },
    host: {
      files: { [source]: { content: 'x', user: 77, group: 78, mode: 0o640, mtime: Date.UTC(2011, 1, 1) } },
    },
    needsRoot: true,
    expects: {
      changes: [name],
      files: { [name]: { user: 77, group: 78, mode: 0o640, mtime: Date.UTC(2011, 1, 1) } },
    },
  },
  {
    title: 'gives the copy to a user',
    args: { name, source, user: 'web' },
    host: { files: { [source]: 'x' }, users: { web: 77 } },
    needsRoot: true,
    expects: { changes: [name], files: { [name]: { user: 77 } } },
  },
]);
