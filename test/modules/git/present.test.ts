import present from '../../../engine/modules/git/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { clone } from './_git.ts';

const name = '/srv/git/shop.git';

stateTester('git.present', present, [
  {
    title: 'makes a bare repository beside its place and moves it there',
    args: { name },
    expects: {
      changes: ['/srv', '/srv/git', 'directory', 'repository', 'move', 'remove'],
      files: { [`${name}/objects`]: { directory: true } },
    },
  },
  {
    title: 'is content with what is there',
    args: { name: '/srv/shop', bare: false },
    host: { files: clone() },
    expects: { changes: [], comment: 'Repository /srv/shop already exists' },
  },
  {
    title: 'refuses a repository of the other kind',
    args: { name: '/srv/shop' },
    host: { files: clone() },
    expects: { refused: '/srv/shop is a repository with a work tree.' },
  },
  {
    title: 'refuses a directory that holds other things',
    args: { name },
    host: { files: { [`${name}/file`]: 'mine' } },
    expects: { refused: `${name} holds other things than a repository.` },
  },
  {
    title: 'makes one there where told so, and what is there stays',
    args: { name, bare: false, force: true },
    host: { files: { [`${name}/file`]: 'mine' } },
    expects: { changes: ['directory', 'repository'], files: { [`${name}/file`]: 'mine' } },
  },
  {
    title: 'refuses to share it with nobody it knows',
    args: { name, shared: '--help' },
    expects: { refused: '"--help" does not say who may write to it.' },
  },
]);
