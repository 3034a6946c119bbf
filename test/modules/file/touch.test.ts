/** A file that exists and was touched. */
import { expect } from 'chai';
import touch from '../../../engine/modules/file/touch.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const time = Date.UTC(2022, 4, 1);

stateTester('file.touch', touch, [
  {
    title: 'creates an empty file',
    args: { name: '/x' },
    expects: { changes: ['/x'], files: { '/x': { content: '', mode: 0o644 } } },
  },
  {
    title: 'creates a file with times',
    args: { name: '/x', mtime: time / 1000 },
    expects: { changes: ['/x', 'attributes'], files: { '/x': { content: '', mtime: time } } },
  },
  {
    title: 'sets the time of a file and leaves its content',
    args: { name: '/x', mtime: String(time / 1000) },
    host: { files: { '/x': 'content' } },
    expects: { changes: ['mtime'], files: { '/x': { content: 'content', mtime: time } } },
  },
  {
    title: 'is quiet where the times are so',
    args: { name: '/x', mtime: time / 1000, atime: time / 1000 },
    host: { files: { '/x': { content: '', mtime: time } } },
    expects: { changes: [] },
  },
  {
    title: 'sets both times at once',
    args: { name: '/x', mtime: time / 1000, atime: 5 },
    host: { files: { '/x': '' } },
    expects: {
      changes: ['atime', 'mtime'],
      effects: [{ kind: 'attributes', path: '/x', follow: true, atime: 5000, mtime: time }],
    },
  },
  {
    title: 'sets the time of a directory',
    args: { name: '/x', mtime: time / 1000 },
    host: { files: { '/x': { directory: true } } },
    expects: { changes: ['mtime'], files: { '/x': { directory: true, mtime: time } } },
  },
  {
    title: 'creates what a link leads to',
    args: { name: '/x' },
    host: { files: { '/x': { link: 'y' } } },
    expects: { changes: ['/x'], files: { '/x': { link: 'y' }, '/y': '' } },
  },
  {
    title: 'refuses a missing parent',
    args: { name: '/no/x' },
    expects: { refused: 'The parent directory /no does not exist.' },
  },
  {
    title: 'makes parents',
    args: { name: '/no/x', makedirs: true },
    expects: { changes: ['/no', '/no/x'], files: { '/no/x': '' } },
  },
]);

describe('file.touch without times', () => {
  it('touches an existing file each time', async () => {
    await using stage = await hostOf({ host: { files: { '/x': { content: 'kept', mtime: time } } } });
    const before = Date.now();
    const { steps } = await applyTo(stage.host, touch, { name: '/x' });
    expect(steps.map((step) => step.change?.subject)).to.deep.equal(['touched']);
    expect(stage.host.stat('/x')!.mtime).to.be.at.least(before - 1);
    expect(stage.host.content('/x')!.toString()).to.equal('kept');
  });
});
