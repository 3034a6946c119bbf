/** The cache gives back what was put in, and trusts no folder that others can write to. */
import { chmodSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Float, type Value } from '../../engine/core/value.ts';
import { createCache, decodeDocument, encodeDocument, fingerprint } from '../../engine/source/cache.ts';
import { temporaryFolder } from '../helpers/folders.ts';

describe('cache', () => {
  it('keeps values of every kind as they are', () => {
    const value: Value = new Map<Value, Value>([
      ['text', 'x'],
      [8080, [1, 1.5, new Float(3), new Float(Number.POSITIVE_INFINITY), 12345678901234567890n]],
      [
        null,
        new Map<Value, Value>([
          [true, null],
          ['d', [[]]],
          ['f', 'f'],
        ]),
      ],
    ]);
    const document = { value, ambiguous: [[['a', 0], '0644'] as const] };
    expect(decodeDocument(encodeDocument(document))).to.deep.equal(document);
  });

  it('takes a damaged entry for none', () => {
    expect(decodeDocument('{"half')).to.equal(undefined);
    expect(decodeDocument('')).to.equal(undefined);
  });

  it('gives back what was put in, to its owner only', async () => {
    await using folder = temporaryFolder();
    const cache = createCache(join(folder.path, 'c'));
    expect(cache.get('yaml', 'k')).to.equal(undefined);
    cache.put('yaml', 'k', 'text');
    expect(cache.get('yaml', 'k')).to.equal('text');
    const [version] = readdirSync(join(folder.path, 'c'));
    const own = join(folder.path, 'c', version!);
    expect(statSync(own).mode & 0o777).to.equal(0o700);
    for (const name of readdirSync(own)) expect(statSync(join(own, name)).mode & 0o777).to.equal(0o600);
  });

  it('does not trust a folder that others can write to', async () => {
    await using folder = temporaryFolder();
    createCache(folder.path).put('template', 'k', 'first');
    const [version] = readdirSync(folder.path);
    chmodSync(join(folder.path, version!), 0o777);
    expect(createCache(folder.path).get('template', 'k')).to.equal(undefined);
  });

  it('works without a place to write to', async () => {
    await using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    const cache = createCache(join(folder.path, 'file/below'));
    cache.put('yaml', 'k', 'x');
    expect(cache.get('yaml', 'k')).to.equal(undefined);
  });

  it('leaves no half entry where writing fails', async () => {
    await using folder = temporaryFolder();
    const cache = createCache(folder.path);
    const [version] = readdirSync(folder.path);
    mkdirSync(join(folder.path, version!, `yaml-${fingerprint('k')}`));
    cache.put('yaml', 'k', 'x');
    expect(readdirSync(join(folder.path, version!))).to.deep.equal([`yaml-${fingerprint('k')}`]);
  });

  it('gives nothing for a text that only shares its fingerprint', async () => {
    await using folder = temporaryFolder();
    const cache = createCache(folder.path);
    cache.put('yaml', 'text', 'made');
    const [version] = readdirSync(folder.path);
    const own = join(folder.path, version!);
    renameSync(join(own, `yaml-${fingerprint('text')}`), join(own, `yaml-${fingerprint('other')}`));
    expect(cache.get('yaml', 'other')).to.equal(undefined);
    cache.put('yaml', 'te', 'shorter');
    expect(cache.get('yaml', 'te')).to.equal('shorter');
  });

  it('tells texts apart by their fingerprint, whatever is swapped in them', () => {
    const texts = [
      '',
      'a',
      'ab',
      'ba',
      'aab',
      'aba',
      'a\0',
      '\0a',
      ...Array.from({ length: 5000 }, (_, n) => `t${n}`),
    ];
    expect(new Set(texts.map(fingerprint)).size).to.equal(texts.length);
  });
});
