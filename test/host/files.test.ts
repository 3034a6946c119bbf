import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { expect } from 'chai';
import { createFiles, type Files } from '../../engine/host/files.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

/** Twice: below a root, and as paths of this machine. */
const ways: [string, (folder: string) => { files: Files; at: (path: string) => string }][] = [
  ['below a root', (folder) => ({ files: createFiles(folder), at: (path) => path })],
  ['of this machine', (folder) => ({ files: createFiles(undefined), at: (path) => folder + path })],
];

for (const [title, open] of ways) {
  describe(`files ${title}`, () => {
    async function look(
      tree: Tree,
      check: (files: Files, at: (path: string) => string, folder: string) => void,
    ) {
      await using folder = temporaryFolder();
      buildTree(folder.path, tree);
      const { files, at } = open(folder.path);
      check(files, at, folder.path);
    }

    it('tell kind, mode and size', () =>
      look(
        {
          '/f': { content: 'abc', mode: 0o4711 },
          '/d': { directory: true, mode: 0o1777 },
          '/l': { link: 'f' },
        },
        (files, at) => {
          expect(files.stat(at('/f'))).to.include({ kind: 'file', mode: 0o4711, size: 3 });
          expect(files.stat(at('/d'))).to.include({ kind: 'directory', mode: 0o1777 });
          expect(files.stat(at('/l'))).to.include({ kind: 'link' });
          expect(files.stat(at('/l/'))).to.include({ kind: 'link' });
          expect(files.stat(at('/d/.'))?.inode).to.equal(files.stat(at('/d'))?.inode);
        },
      ));

    it('are undefined where absent', () =>
      look({ '/f': '' }, (files, at) => {
        for (const path of ['/no', '/no/no', '/f/below']) {
          expect(files.stat(at(path))).to.equal(undefined);
          expect(files.content(at(path))).to.equal(undefined);
          expect(files.list(at(path))).to.equal(undefined);
          expect(files.link(at(path))).to.equal(undefined);
        }
        expect(files.list(at('/f'))).to.equal(undefined);
        expect(files.link(at('/f'))).to.equal(undefined);
      }));

    it('are read whole, whatever their size', () =>
      look(
        {
          '/empty': '',
          '/64k': 'x'.repeat(65536),
          '/more': 'y'.repeat(200_000),
          '/odd': Buffer.from([0, 255, 10]),
        },
        (files, at) => {
          expect(files.content(at('/empty'))!.length).to.equal(0);
          expect(files.content(at('/64k'))!.equals(Buffer.alloc(65536, 'x'))).to.equal(true);
          expect(files.content(at('/more'))!.equals(Buffer.alloc(200_000, 'y'))).to.equal(true);
          expect([...files.content(at('/odd'))!]).to.deep.equal([0, 255, 10]);
        },
      ));

    it('follow links for content and lists, not for stat', () =>
      look({ '/a': { link: 'b' }, '/b/c': 'text', '/l': { link: 'b/c' } }, (files, at) => {
        expect(files.content(at('/a/c'))!.toString()).to.equal('text');
        expect(files.content(at('/l'))!.toString()).to.equal('text');
        expect(files.list(at('/a'))).to.deep.equal(['c']);
        expect(files.link(at('/a'))).to.equal('b');
        expect(files.resolve(at('/a/c'))).to.equal(at('/b/c'));
        expect(files.resolve(at('/l'))).to.equal(at('/b/c'));
        expect(files.resolve(at('/a/new'))).to.equal(at('/b/new'));
      }));

    it('refuse what is no file, and do not wait for a FIFO', () =>
      look({ '/d': { directory: true } }, (files, at, folder) => {
        expect(() => files.content(at('/d'))).to.throw('it is a directory');
        expect(spawnSync('mkfifo', [`${folder}/fifo`]).status).to.equal(0);
        expect(files.stat(at('/fifo'))?.kind).to.equal('fifo');
        expect(files.content(at('/fifo'))!.length).to.equal(0);
      }));

    it('refuse paths that cannot be', () =>
      look({}, (files, at) => {
        expect(() => files.stat(at('/a\0b'))).to.throw('NUL');
        expect(() => files.stat(at(`/${'x'.repeat(300)}`))).to.throw('too long');
        expect(() => files.stat('relative')).to.throw('not an absolute path');
      }));
  });
}

describe('files below a root that wants out', () => {
  it('stay inside whatever links say', async () => {
    await using folder = temporaryFolder();
    await using outside = temporaryFolder();
    fs.writeFileSync(`${outside.path}/secret`, 'secret');
    buildTree(folder.path, {
      '/etc': { link: outside.path },
      '/up': { link: '../../../../../../../..' },
      '/file': { link: `${outside.path}/secret` },
      '/inside': 'fine',
      '/self': { link: '/inside' },
    });
    const files = createFiles(folder.path);
    expect(files.content('/etc/secret')).to.equal(undefined);
    expect(files.stat('/etc/secret')).to.equal(undefined);
    expect(files.list('/etc')).to.equal(undefined);
    expect(files.content('/file')).to.equal(undefined);
    expect(files.content(`/up${outside.path}/secret`)).to.equal(undefined);
    expect(files.list('/up')).to.include('inside');
    expect(files.content('/self')!.toString()).to.equal('fine');
    expect(files.content('/../inside')!.toString()).to.equal('fine');
    expect(files.content('/self/../inside')!.toString()).to.equal('fine');
  });

  it('notice that a folder was replaced once told', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { '/a/f': 'a', '/b/f': 'b' });
    const files = createFiles(folder.path);
    expect(files.content('/a/f')!.toString()).to.equal('a');
    fs.rmSync(`${folder.path}/a`, { recursive: true });
    fs.symlinkSync('b', `${folder.path}/a`);
    files.forget();
    expect(files.content('/a/f')!.toString()).to.equal('b');
  });
});
