/** A second name of a file. */
import { expect } from 'chai';
import hardlink from '../../../engine/modules/file/hardlink.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const name = '/srv/second';
const target = '/srv/first';

stateTester('file.hardlink', hardlink, [
  {
    title: 'makes a link',
    args: { name, target },
    host: { files: { [target]: 'x' } },
    expects: { changes: ['target'], files: { [name]: { content: 'x' } } },
  },
  {
    title: 'refuses a missing target',
    args: { name, target },
    host: { files: { '/srv': { directory: true } } },
    expects: { refused: 'The target /srv/first does not exist.' },
  },
  {
    title: 'refuses a directory as target',
    args: { name, target: '/srv' },
    host: { files: { '/srv': { directory: true } } },
    expects: { refused: /no hard links/ },
  },
  {
    title: 'refuses a file in the way',
    args: { name, target },
    host: { files: { [target]: 'x', [name]: 'y' } },
    expects: { refused: '/srv/second is a file already.', files: { [name]: 'y' } },
  },
  {
    title: 'force replaces a file, even of the same content',
    args: { name, target, force: true },
    host: { files: { [target]: 'x', [name]: 'x' } },
    expects: { changes: ['target'], files: { [name]: 'x' } },
  },
  {
    title: 'force replaces a symbolic link',
    args: { name, target, force: true },
    host: { files: { [target]: 'x', [name]: { link: 'first' } } },
    expects: { changes: ['target'], files: { [name]: { content: 'x' } } },
  },
  {
    title: 'refuses a directory in the way, forced or not',
    args: { name, target, force: true },
    host: { files: { [target]: 'x', [name]: { directory: true } } },
    expects: { refused: '/srv/second is a directory.' },
  },
  {
    title: 'refuses a missing parent',
    args: { name: '/no/second', target },
    host: { files: { [target]: 'x' } },
    expects: { refused: 'The parent directory /no does not exist.' },
  },
  {
    title: 'makes parents',
    args: { name: '/no/second', target, makedirs: true, dir_mode: '0700' },
    host: { files: { [target]: 'x' } },
    expects: {
      changes: ['/no', 'target'],
      files: { '/no': { directory: true, mode: 0o700 }, '/no/second': 'x' },
    },
  },
]);

describe('file.hardlink on a host of its own', () => {
  it('gives both names one inode', async () => {
    await using stage = await hostOf({ host: { files: { [target]: 'x' } } });
    await applyTo(stage.host, hardlink, { name, target });
    expect(stage.host.stat(name)!.inode).to.equal(stage.host.stat(target)!.inode);
  });
});
