import cloned from '../../../engine/modules/git/cloned.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { clone, one, remote, two, url } from './_git.ts';

const target = '/srv/shop';

stateTester('git.cloned', cloned, [
  {
    title: 'clones once',
    args: { name: url, target, branch: 'side' },
    host: { files: { '/srv': { directory: true } }, answers: remote('side', `${two}\trefs/heads/side\n`) },
    expects: {
      changes: ['directory', 'revision', 'exec', 'exec', 'move', 'remove'],
      files: { '/srv/shop/.git/HEAD': 'ref: refs/heads/side\n' },
    },
  },
  {
    title: 'asks nobody where a clone is there',
    args: { name: url, target },
    host: { files: clone(), answers: {} },
    expects: { changes: [], comment: 'Repository already exists at /srv/shop' },
  },
  {
    title: 'checks out the branch',
    args: { name: url, target, branch: 'side' },
    host: { files: clone({ '/srv/shop/.git/refs/remotes/origin/side': `${two}\n` }), answers: {} },
    expects: { changes: ['branch'], files: { '/srv/shop/.git/HEAD': 'ref: refs/heads/side\n' } },
  },
  {
    title: 'does not fetch a branch',
    args: { name: url, target, branch: 'side' },
    host: { files: clone({ '/srv/shop/.git/refs/heads/main': `${one}\n` }), answers: {} },
    expects: { refused: 'The clone /srv/shop has no branch "side".' },
  },
]);
