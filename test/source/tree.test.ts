/** File roots: searched in order, never left. */
import { join } from 'node:path';
import { expect } from 'chai';
import { Trouble } from '../../engine/core/diagnostic.ts';
import { createTree } from '../../engine/source/tree.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

describe('tree', () => {
  it('takes a file from the first root that has it', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'one/a.sls': 'first', 'two/a.sls': 'second', 'two/b.sls': 'b' });
    const tree = createTree([join(folder.path, 'one'), join(folder.path, 'two')]);
    expect(tree.find('a.sls')?.text).to.equal('first');
    expect(tree.find('b.sls')?.text).to.equal('b');
    expect(tree.find('c.sls')).to.equal(undefined);
    expect(tree.names()).to.deep.equal(['a.sls', 'b.sls']);
  });

  for (const path of ['../secret', 'a/../../secret', '..', 'a\0b', '/../secret']) {
    it(`never leaves its roots for ${JSON.stringify(path)}`, async () => {
      await using folder = temporaryFolder();
      buildTree(folder.path, { secret: 'x', 'root/a/b': 'y' });
      const tree = createTree([join(folder.path, 'root')]);
      expect(tree.find(path)).to.equal(undefined);
      expect(tree.source(`salt://${path}`)).to.have.property('missing');
      expect(tree.sourceTree(`salt://${path}`)).to.equal(undefined);
    });
  }

  it('names sources by salt://, bare path, absolute path and file://', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'root/a.conf': { content: 'x', mode: 0o640 } });
    const tree = createTree([join(folder.path, 'root')]);
    const absolute = join(folder.path, 'root/a.conf');
    for (const url of [
      'salt://a.conf',
      'a.conf',
      'salt://a.conf?saltenv=base',
      absolute,
      `file://${absolute}`,
    ]) {
      const source = tree.source(url);
      expect(source).to.have.property('mode', 0o640);
      expect('content' in source && source.content.toString()).to.equal('x');
    }
    expect(tree.source('salt://none')).to.have.property('missing').that.includes('not in the file roots');
  });

  it('lists what lies below a folder of all roots, folders first', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'one/d/a': '1', 'one/d/sub/b': '2', 'two/d/a': 'hidden', 'two/d/c': '3' });
    const tree = createTree([join(folder.path, 'one'), join(folder.path, 'two')]);
    expect(tree.sourceTree('salt://d')?.map(({ path, kind }) => `${kind} ${path}`)).to.deep.equal([
      'file a',
      'directory sub',
      'file sub/b',
      'file c',
    ]);
    expect(tree.sourceTree('salt://none')).to.equal(undefined);
  });

  it('refuses text that is not UTF-8, and drops a byte order mark', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'a.sls': Buffer.from([0x61, 0xff, 0x62]), 'b.sls': '\uFEFFb: 1' });
    const tree = createTree([folder.path]);
    expect(() => tree.find('a.sls')).to.throw(Trouble, 'not valid UTF-8');
    expect(tree.find('b.sls')?.text).to.equal('b: 1');
  });

  it('stops at a link that leads in a circle', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'd/a': '1', 'd/loop': { link: '.' }, 'd/again': { link: '../d' } });
    const tree = createTree([folder.path]);
    expect(tree.names()).to.deep.equal(['d/a']);
    expect(tree.sourceTree('salt://d')?.map(({ path }) => path)).to.deep.equal(['a', 'again', 'loop']);
  });

  it('follows links, lists any name, and leaves out what leads nowhere and what version control keeps', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, {
      'outside/b': '1',
      'root/.hidden': '1',
      'root/a\nb': '1',
      'root/.git/config': '1',
      'root/link': { link: '../outside' },
      'root/broken': { link: 'nowhere' },
    });
    const tree = createTree([join(folder.path, 'root')]);
    expect(tree.names()).to.deep.equal(['.hidden', 'a\nb', 'link/b']);
  });
});
