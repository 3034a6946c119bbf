/** Secrets that lie open are found by line, those that are where they belong are not. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Secrets } from '../../engine/core/secret.ts';
import { searchFiles } from '../../engine/host/leaks.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const secrets = new Secrets(() => '0000');
secrets.add('pw', 'swordfish-77');
secrets.add(
  'key',
  `-----BEGIN KEY-----\n${'kl8Jd0aX'.repeat(8)}\n${'Pq2Zw7Rb'.repeat(8)}\n-----END KEY-----\n`,
);
secrets.add('pin', '42');
const find = (text: string) => secrets.find(text).filter(({ weak }) => !weak);

function search(files: Tree, { open = false, until = Number.POSITIVE_INFINITY, below = [''] } = {}) {
  const folder = temporaryFolder();
  try {
    buildTree(folder.path, { '.': { directory: true, mode: 0o755 }, ...files });
    const places = below.map((path) => ({ path: join(folder.path, path), open }));
    const { leaks, ...rest } = searchFiles(places, { find, until });
    const found = leaks.map(
      ({ where, line, label }) => `${where.slice(folder.path.length + 1)}:${line} ${label}`,
    );
    return { ...rest, found };
  } finally {
    void folder[Symbol.asyncDispose]();
  }
}

describe('leaks', () => {
  it('are found with their line, in any spelling, below a folder and in a file that is named', () => {
    const files = {
      'a.log': 'one\ntwo swordfish-77\nthree\nc3dvcmRmaXNoLTc3\n42\n',
      'deep/er/b.log': `x\n\n${'kl8Jd0aX'.repeat(8)}\n`,
      'c.log': 'nothing\n',
    };
    const { found, files: looked, bytes } = search(files);
    expect(found).to.deep.equal(['a.log:2 «pw #0000»', 'a.log:4 «pw #0000»', 'deep/er/b.log:3 «key #0000»']);
    expect(looked).to.equal(3);
    expect(bytes).to.equal(Object.values(files).join('').length);
    expect(search(files, { below: ['c.log', 'a.log', 'none'] }).found).to.have.lengthOf(2);
  });

  it('are found where two chunks of a large file meet, once', () => {
    const secret = 'swordfish-77';
    for (const before of [262144 - 6, 262144, 262144 - secret.length, 524288 - 1]) {
      const text =
        `${'x'.repeat(99)}\n`.repeat(before / 100 + 1).slice(0, before) + secret + '\n'.repeat(300_000);
      const line = text.slice(0, before).split('\n').length;
      expect(search({ 'a.log': text }).found, String(before)).to.deep.equal([`a.log:${line} «pw #0000»`]);
    }
  });

  it('are looked for in packed logs, and not in what is no text', () => {
    const { found } = search({
      'a.log.gz': gzipSync('one\nswordfish-77\n'),
      'b.log.gz': 'no gzip at all swordfish-77',
      wtmp: Buffer.concat([Buffer.alloc(10), Buffer.from('swordfish-77')]),
      'late.log': Buffer.concat([Buffer.alloc(9000, 'x'), Buffer.alloc(10), Buffer.from('swordfish-77')]),
    });
    expect(found).to.deep.equal(['a.log.gz:2 «pw #0000»', 'late.log:1 «pw #0000»']);
  });

  it('are none in files that not everybody may read, nor below such folders', () => {
    const files: Tree = {
      'private.conf': { content: 'swordfish-77', mode: 0o600 },
      'group.conf': { content: 'swordfish-77', mode: 0o640 },
      'public.conf': 'swordfish-77',
      'closed/public.conf': 'swordfish-77',
      closed: { directory: true, mode: 0o750 },
    };
    expect(search(files).found).to.have.lengthOf(4);
    for (const below of [[''], ['public.conf', 'private.conf', 'closed/public.conf']])
      expect(search(files, { open: true, below }).found).to.deep.equal(['public.conf:1 «pw #0000»']);
  });

  it('are not followed by links, nor waited for at pipes', () => {
    const { found } = search({
      'real/a.log': 'swordfish-77',
      'link.log': { link: 'real/a.log' },
      circle: { link: '.' },
      'real/up': { link: '..' },
    });
    expect(found).to.deep.equal(['real/a.log:1 «pw #0000»']);
  });

  it('say what time did not allow', () => {
    const { found, omissions } = search({ 'a.log': 'swordfish-77' }, { until: 0 });
    expect(found).to.deep.equal([]);
    expect(omissions).to.have.lengthOf(1);
    expect(omissions[0]!.reason).to.include('time ran out');
  });
});
