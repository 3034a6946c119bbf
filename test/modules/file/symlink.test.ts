/** A symbolic link and where it points. */
import symlink from '../../../engine/modules/file/symlink.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const name = '/srv/current';
const srv = { '/srv': { directory: true } } as const;

stateTester('file.symlink', symlink, [
  {
    title: 'makes a link to nowhere, relative as written',
    args: { name, target: '../gone/ü $x' },
    host: { files: srv },
    expects: { changes: ['target'], files: { [name]: { link: '../gone/ü $x' } } },
  },
  {
    title: 'is quiet where it points there',
    args: { name, target: 'releases//./7/' },
    host: { files: { [name]: { link: 'releases/7' } } },
    expects: { changes: [] },
  },
  {
    title: 'refuses to repoint',
    args: { name, target: 'b' },
    host: { files: { [name]: { link: 'a' } } },
    expects: { refused: '/srv/current is a symbolic link to a.', files: { [name]: { link: 'a' } } },
  },
  {
    title: 'force repoints',
    args: { name, target: 'b', force: true },
    host: { files: { [name]: { link: 'a' } } },
    expects: { changes: ['target'], files: { [name]: { link: 'b' } } },
  },
  {
    title: 'atomic repoints',
    args: { name, target: 'b', atomic: true },
    host: { files: { [name]: { link: 'a' } } },
    expects: { changes: ['target'], files: { [name]: { link: 'b' } } },
  },
  {
    title: 'refuses a file in the way',
    args: { name, target: 'b' },
    host: { files: { [name]: 'file' } },
    expects: { refused: '/srv/current is a file.', files: { [name]: 'file' } },
  },
  {
    title: 'force replaces a file',
    args: { name, target: 'b', force: true },
    host: { files: { [name]: 'file' } },
    expects: { changes: ['target'], files: { [name]: { link: 'b' } } },
  },
  {
    title: 'atomic alone removes no directory',
    args: { name, target: 'b', atomic: true },
    host: { files: { '/srv/current/x': 'x' } },
    expects: { refused: '/srv/current is a directory.', files: { '/srv/current/x': 'x' } },
  },
  {
    title: 'force replaces a directory',
    args: { name, target: 'b', force: true },
    host: { files: { '/srv/current/x': 'x' } },
    expects: { changes: [name, 'target'], files: { [name]: { link: 'b' } } },
  },
  {
    title: 'backupname renames a directory in the way',
    args: { name, target: 'b', backupname: 'old' },
    host: { files: { '/srv/current/x': 'x' } },
    expects: { changes: ['backup', 'target'], files: { [name]: { link: 'b' }, '/srv/old/x': 'x' } },
  },
  {
    title: 'refuses a backupname that is taken',
    args: { name, target: 'b', backupname: '/srv/old' },
    host: { files: { [name]: 'x', '/srv/old': 'older' } },
    expects: { refused: /\/srv\/old exists/ },
  },
  {
    title: 'refuses a missing parent',
    args: { name, target: 'b' },
    expects: { refused: 'The parent directory /srv does not exist.' },
  },
  {
    title: 'makes parents',
    args: { name: '/a/b/link', target: '/x', makedirs: true, mode: '0750' },
    expects: {
      changes: ['/a', '/a/b', 'target'],
      files: { '/a': { directory: true, mode: 0o750 }, '/a/b/link': { link: '/x' } },
    },
  },
  {
    title: 'changes the owner of the link, not of what it leads to',
    args: { name, target: '/file', user: 'web', group: 'web' },
    host: { files: { [name]: { link: '/file' }, '/file': 'x' }, users: { web: 77 } },
    needsRoot: true,
    expects: {
      changes: ['user', 'group'],
      files: { [name]: { link: '/file', user: 77, group: 77 }, '/file': { user: 0, mode: 0o644 } },
    },
  },
  {
    title: 'makes a link that belongs to a user',
    args: { name, target: '/file', user: 77 },
    host: { files: srv },
    needsRoot: true,
    expects: { changes: ['target'], files: { [name]: { user: 77 } } },
  },
]);
