import detached from '../../../engine/modules/git/detached.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { clean, clone, one, remote, two, url } from './_git.ts';

const target = '/srv/shop';

stateTester('git.detached', detached, [
  {
    title: 'clones and checks a branch of the remote out without a branch',
    args: { name: url, target, rev: 'main' },
    host: { files: { '/srv': { directory: true } }, answers: remote('main', `${one}\trefs/heads/main\n`) },
    expects: {
      changes: ['directory', 'revision', 'exec', 'exec', 'move', 'remove'],
      files: { '/srv/shop/.git/HEAD': `${one}\n` },
    },
  },
  {
    title: 'leaves the branch that is checked out',
    args: { name: url, target, rev: 'main' },
    host: { files: clone(), answers: { ...remote('main', `${one}\trefs/heads/main\n`), ...clean(one) } },
    expects: {
      changes: ['write', 'branch', 'exec', 'remove'],
      files: { '/srv/shop/.git/HEAD': `${one}\n`, '/srv/shop/.git/refs/heads/main': `${one}\n` },
    },
  },
  {
    title: 'goes by what is there where it may not fetch',
    args: { name: url, target, rev: 'side', fetch_remote: false },
    host: {
      files: clone({ '/srv/shop/.git/refs/remotes/origin/side': `${two}\n` }),
      answers: clean(two),
    },
    expects: {
      changes: ['write', 'revision', 'branch', 'exec', 'remove'],
      files: { '/srv/shop/.git/HEAD': `${two}\n` },
    },
  },
  {
    title: 'does not know what was never fetched',
    args: { name: url, target, rev: 'nosuch', fetch_remote: false },
    host: { files: clone(), answers: {} },
    expects: { refused: 'The clone has no branch or tag "nosuch".' },
  },
]);
