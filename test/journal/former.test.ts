/** What is kept of secrets tells the next runs which there were, and is written only when it changes. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type FormerSecret, Secrets } from '../../engine/core/secret.ts';
import { keepPresent, readFormer } from '../../engine/journal/former.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const key = new Uint8Array(32).fill(7);
const day = 24 * 3600 * 1000;

function present(values: { readonly [path: string]: string }): Secrets {
  const secrets = new Secrets(
    (value) => String(value.length).padStart(4, '0'),
    () => key,
  );
  for (const [path, value] of Object.entries(values)) secrets.add(path, value);
  return secrets;
}

function prints(values: { readonly [path: string]: string }): readonly FormerSecret[] {
  return present(values).prints();
}

describe('former secrets', () => {
  it('are masked under the name they had', async () => {
    await using folder = temporaryFolder();
    keepPresent(folder.path, prints({ 'db:pw': 'swordfish-1', pin: '4711' }), 0);
    keepPresent(folder.path, prints({ 'db:pw': 'herring-no-2' }), 1);
    expect(readFileSync(join(folder.path, 'secrets.json'), 'utf8')).to.not.match(/swordfish|herring/);
    const secrets = present({ 'db:pw': 'herring-no-2' });
    secrets.addFormer(readFormer(folder.path));
    expect(secrets.mask('was swordfish-1, is herring-no-2, 4711')).to.equal(
      'was «db:pw #0011», is «db:pw #0012», 4711',
    );
    expect(secrets.mask('?pw=swordfish%2D1&x=swordfish-')).to.equal('?pw=«db:pw #0011»&x=swordfish-');
    expect(secrets.mask(secrets.mask('swordfish-1'))).to.equal('«db:pw #0011»');
  });

  it('of several lines are found by their lines', async () => {
    await using folder = temporaryFolder();
    keepPresent(folder.path, prints({ key: 'first line of it\nsecond line of it\n' }), 0);
    const secrets = present({ other: 'herring-no-2' });
    secrets.addFormer(readFormer(folder.path));
    expect(secrets.mask('+  second line of it')).to.equal('+  «key #0035»');
  });

  it('are written down only when they change, and forgotten after half a year', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'secrets.json');
    keepPresent(folder.path, prints({ a: 'swordfish-1' }), 0);
    const { ino } = statSync(file);
    keepPresent(folder.path, prints({ a: 'swordfish-1' }), day);
    expect(statSync(file).ino).to.equal(ino);
    keepPresent(folder.path, prints({ a: 'swordfish-2' }), 2 * day);
    expect(readFormer(folder.path)).to.have.lengthOf(2);
    keepPresent(folder.path, prints({ a: 'swordfish-1' }), 3 * day);
    expect(readFormer(folder.path), 'back again').to.have.lengthOf(2);
    keepPresent(folder.path, prints({ a: 'swordfish-3' }), 183 * day);
    expect(readFormer(folder.path), 'the second is forgotten, the first is not').to.have.lengthOf(2);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('that cannot be read are none', async () => {
    await using folder = temporaryFolder();
    for (const text of [
      '',
      '{',
      '[1]',
      '[{"path":1}]',
      '[{"path":"a","fingerprint":"b","length":-1,"hash":[1,2]}]',
    ]) {
      writeFileSync(join(folder.path, 'secrets.json'), text);
      expect(readFormer(folder.path), text).to.deep.equal([]);
    }
    keepPresent(folder.path, prints({ a: 'swordfish-1' }), 0);
    expect(readFormer(folder.path)).to.have.lengthOf(1);
  });
});
