/** A directory, its owner and mode, what it holds and what it must not hold. */
import { expect } from 'chai';
import directory from '../../../engine/modules/file/directory.ts';
import { planOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const name = '/srv/www';
const srv = { '/srv': { directory: true } } as const;
const there = { [name]: { directory: true } } as const;
const tree = {
  ...there,
  '/srv/www/a.txt': 'a',
  '/srv/www/sub': { directory: true },
  '/srv/www/sub/b.txt': 'b',
  '/srv/www/sub/deep': { directory: true },
  '/srv/www/sub/deep/c.txt': 'c',
  '/srv/www/link': { link: '/elsewhere' },
  '/elsewhere': { content: 'not ours', mode: 0o600 },
} as const;

stateTester('file.directory', directory, [
  {
    title: 'makes a directory',
    args: { name },
    host: { files: srv },
    expects: { changes: [name], files: { [name]: { directory: true, mode: 0o755 } } },
  },
  {
    title: 'is quiet where it is there',
    args: { name, mode: '0755' },
    host: { files: there },
    expects: { changes: [] },
  },
  {
    title: 'makes it with a mode',
    args: { name, dir_mode: 2750 },
    host: { files: srv },
    expects: { changes: [name], files: { [name]: { directory: true, mode: 0o2750 } } },
  },
  {
    title: 'changes its mode, named mode',
    args: { name, mode: 700 },
    host: { files: there },
    expects: { changes: ['mode'], files: { [name]: { mode: 0o700 } } },
  },
  {
    title: 'takes the setgid bit off',
    args: { name, mode: '0755' },
    host: { files: { [name]: { directory: true, mode: 0o2755 } } },
    expects: { changes: ['mode'], files: { [name]: { mode: 0o755 } } },
  },
  {
    title: 'changes its owner',
    args: { name, user: 'web', group: 'web' },
    host: { files: there, users: { web: 77 } },
    needsRoot: true,
    expects: { changes: ['user', 'group'], files: { [name]: { user: 77, group: 77 } } },
  },
  {
    title: 'takes a trailing slash',
    args: { name: `${name}/` },
    host: { files: srv },
    expects: { changes: [name], files: { [name]: { directory: true } } },
  },
  {
    title: 'refuses a missing parent',
    args: { name },
    expects: { refused: 'The parent directory /srv does not exist.', files: { '/srv': null } },
  },
  {
    title: 'makes parents like itself',
    args: { name, makedirs: true, mode: '0750' },
    expects: { changes: ['/srv', name], files: { '/srv': { mode: 0o750 }, [name]: { mode: 0o750 } } },
  },
  {
    title: 'makes parents as they are told to be',
    args: { name, makedirs: { mode: '0711' }, mode: '0750' },
    expects: { changes: ['/srv', name], files: { '/srv': { mode: 0o711 }, [name]: { mode: 0o750 } } },
  },
  {
    title: 'writes a hostile name as it is',
    args: { name: '/srv/-rf *\n`id`' },
    host: { files: srv },
    expects: { changes: ['/srv/-rf *\n`id`'], files: { '/srv/-rf *\n`id`': { directory: true } } },
  },
  // in the way
  {
    title: 'refuses a file in the way',
    args: { name },
    host: { files: { [name]: 'file' } },
    expects: { refused: '/srv/www is a file, not a directory.', files: { [name]: 'file' } },
  },
  {
    title: 'force removes a file in the way',
    args: { name, force: true },
    host: { files: { [name]: 'file' } },
    expects: { changes: [name, name], files: { [name]: { directory: true } } },
  },
  {
    title: 'backupname renames a file in the way',
    args: { name, backupname: 'www.old' },
    host: { files: { [name]: 'file' } },
    expects: { changes: ['backup', name], files: { [name]: { directory: true }, '/srv/www.old': 'file' } },
  },
  {
    title: 'refuses a backupname that is taken',
    args: { name, backupname: 'www.old' },
    host: { files: { [name]: 'file', '/srv/www.old': 'older' } },
    expects: { refused: /www\.old exists/, files: { [name]: 'file', '/srv/www.old': 'older' } },
  },
  {
    title: 'force takes a backupname that is taken',
    args: { name, backupname: '/srv/www.old', force: true },
    host: { files: { [name]: 'file', '/srv/www.old': 'older' } },
    expects: {
      changes: ['/srv/www.old', 'backup', name],
      files: { [name]: { directory: true }, '/srv/www.old': 'file' },
    },
  },
  {
    title: 'accepts a link to a directory',
    args: { name, mode: '0700' },
    host: { files: { '/real': { directory: true }, [name]: { link: '/real' } } },
    expects: {
      changes: ['mode'],
      files: { [name]: { link: '/real' }, '/real': { directory: true, mode: 0o700 } },
    },
  },
  {
    title: 'allow_symlink: false refuses a link to a directory',
    args: { name, allow_symlink: false },
    host: { files: { '/real': { directory: true }, [name]: { link: '/real' } } },
    expects: { refused: '/srv/www is a symbolic link, not a directory.' },
  },
  {
    title: 'force replaces a link to a directory',
    args: { name, force: true },
    host: { files: { '/real': { directory: true }, [name]: { link: '/real' } } },
    expects: { changes: [name, name], files: { [name]: { directory: true }, '/real': { directory: true } } },
  },
  {
    title: 'refuses a link that leads nowhere',
    args: { name },
    host: { files: { [name]: { link: '/gone' } } },
    expects: { refused: /symbolic link/ },
  },
  // recurse
  {
    title: 'recurse sets the modes of files and directories, never of what links lead to',
    args: { name, dir_mode: '0750', file_mode: '0640', recurse: ['mode'] },
    host: { files: tree },
    expects: {
      changes: [
        'mode',
        '/srv/www/a.txt mode',
        '/srv/www/sub mode',
        '/srv/www/sub/b.txt mode',
        '/srv/www/sub/deep mode',
        '/srv/www/sub/deep/c.txt mode',
      ],
      files: {
        [name]: { mode: 0o750 },
        '/srv/www/sub/deep': { mode: 0o750 },
        '/srv/www/sub/deep/c.txt': { mode: 0o640 },
        '/elsewhere': { mode: 0o600 },
      },
    },
  },
  {
    title: 'recurse with follow_symlinks reaches what links lead to',
    args: { name, file_mode: '0644', dir_mode: '0755', recurse: ['mode'], follow_symlinks: true },
    host: { files: tree },
    expects: { changes: ['/srv/www/link mode'], files: { '/elsewhere': { mode: 0o644 } } },
  },
  {
    title: 'the mode of files defaults to that of directories',
    args: { name, mode: '0700', recurse: ['mode', 'ignore_dirs'] },
    host: { files: { ...there, '/srv/www/a': 'a', '/srv/www/d': { directory: true } } },
    expects: {
      changes: ['mode', '/srv/www/a mode'],
      files: { '/srv/www/a': { mode: 0o700 }, '/srv/www/d': { mode: 0o755 } },
    },
  },
  {
    title: 'ignore_files leaves files alone',
    args: { name, mode: '0700', recurse: ['mode', 'ignore_files'] },
    host: { files: { ...there, '/srv/www/a': 'a', '/srv/www/d': { directory: true } } },
    expects: {
      changes: ['mode', '/srv/www/d mode'],
      files: { '/srv/www/a': { mode: 0o644 }, '/srv/www/d': { mode: 0o700 } },
    },
  },
  {
    title: 'max_depth ends the descent',
    args: { name, file_mode: '0600', recurse: ['mode'], max_depth: 1 },
    host: { files: tree },
    expects: {
      changes: ['/srv/www/a.txt mode', '/srv/www/sub/b.txt mode'],
      files: { '/srv/www/sub/b.txt': { mode: 0o600 }, '/srv/www/sub/deep/c.txt': { mode: 0o644 } },
    },
  },
  {
    title: 'children_only leaves the directory itself alone',
    args: { name, dir_mode: '0700', recurse: ['mode', 'ignore_files'], children_only: true },
    host: { files: { ...there, '/srv/www/d': { directory: true } } },
    expects: {
      changes: ['/srv/www/d mode'],
      files: { [name]: { mode: 0o755 }, '/srv/www/d': { mode: 0o700 } },
    },
  },
  {
    title: 'silent says one line for all',
    args: { name, file_mode: '0600', recurse: ['mode', 'silent'] },
    host: { files: { ...there, '/srv/www/a': 'a', '/srv/www/b': 'b' } },
    expects: {
      changes: ['recursion', 'attributes'],
      files: { '/srv/www/a': { mode: 0o600 }, '/srv/www/b': { mode: 0o600 } },
    },
  },
  {
    title: 'recurse gives everything to a user, links themselves included',
    args: { name, user: 'web', group: 'web', recurse: ['user'] },
    host: {
      files: { ...there, '/srv/www/link': { link: '/elsewhere' }, '/elsewhere': 'x' },
      users: { web: 77 },
    },
    needsRoot: true,
    expects: {
      changes: ['user', 'group', '/srv/www/link user'],
      files: { '/srv/www/link': { link: '/elsewhere', user: 77, group: 0 }, '/elsewhere': { user: 0 } },
    },
  },
  {
    title: 'refuses to recurse over a user that is not given',
    args: { name, recurse: ['user'] },
    host: { files: there },
    expects: { refused: 'recurse holds user, but no user is given.' },
  },
  {
    title: 'refuses ignore_files with ignore_dirs',
    args: { name, mode: '0700', recurse: ['mode', 'ignore_files', 'ignore_dirs'] },
    host: { files: there },
    expects: { refused: /both ignore_files and ignore_dirs/ },
  },
  // clean
  {
    title: 'clean removes everything, topmost first, and follows no link',
    args: { name, clean: true },
    host: { files: tree },
    expects: {
      changes: ['/srv/www/a.txt', '/srv/www/link', '/srv/www/sub'],
      files: {
        [name]: { directory: true },
        '/srv/www/sub': null,
        '/srv/www/link': null,
        '/elsewhere': 'not ours',
      },
    },
  },
  {
    title: 'clean keeps what required states manage, with the directories above',
    args: { name, clean: true, __keep__: ['/srv/www/sub/deep'] },
    host: { files: tree },
    expects: {
      changes: ['/srv/www/a.txt', '/srv/www/link', '/srv/www/sub/b.txt'],
      files: { '/srv/www/sub/deep/c.txt': 'c', '/srv/www/sub/b.txt': null },
    },
  },
  {
    title: 'clean keeps what exclude_pat matches, wherever it lies',
    args: { name, clean: true, exclude_pat: '*c.txt' },
    host: { files: tree },
    expects: {
      changes: ['/srv/www/a.txt', '/srv/www/link', '/srv/www/sub/b.txt'],
      files: { '/srv/www/sub/deep/c.txt': 'c' },
    },
  },
  {
    title: 'clean keeps what a regular expression finds',
    args: { name, clean: true, exclude_pat: ['E@^sub$', 'a.*'] },
    host: { files: tree },
    expects: { changes: ['/srv/www/link'], files: { '/srv/www/sub/b.txt': 'b', '/srv/www/a.txt': 'a' } },
  },
  {
    title: 'clean does not set modes of what it removes',
    args: { name, clean: true, file_mode: '0600', recurse: ['mode'], exclude_pat: 'a.txt' },
    host: { files: tree },
    expects: {
      changes: ['/srv/www/a.txt mode', '/srv/www/link', '/srv/www/sub'],
      files: { '/srv/www/a.txt': { mode: 0o600 }, '/srv/www/sub': null },
    },
  },
  {
    title: 'clean refuses max_depth',
    args: { name, clean: true, max_depth: 1 },
    host: { files: there },
    expects: { refused: /clean and max_depth/ },
  },
]);

describe('file.directory on a host of its own', () => {
  it('names a regular expression that is none', async () => {
    await using stage = await hostOf({ host: { files: there } });
    const error = await planOf(directory, { name, clean: true, exclude_pat: 'E@(' }, stage.host).catch(
      (one) => one,
    );
    expect(error.message).to.match(/"\(" is no regular expression/);
  });
});
