import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readReport, removeReport, writeReport } from '../../engine/journal/outlet.ts';
import { temporaryFolder } from '../helpers/folders.ts';

describe('a report for others', () => {
  it('is replaced as a whole, with its mode, in a folder that is made for it', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'a/b/c.prom');
    writeReport(file, 'one', 0o644);
    const before = statSync(file).ino;
    writeReport(file, 'two', 0o644);
    expect(readReport(file)).to.equal('two');
    expect(statSync(file).mode & 0o777).to.equal(0o644);
    expect(statSync(file).ino).to.not.equal(before);
    expect(readdirSync(join(folder.path, 'a/b'))).to.deep.equal(['c.prom']);
    removeReport(file);
    removeReport(file);
    expect(readReport(file)).to.equal(undefined);
  });

  it('takes the place of a link, and leaves alone what that leads to', async () => {
    await using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    writeFileSync(at('shadow'), 'old');
    symlinkSync(at('shadow'), at('report'));
    symlinkSync(at('shadow'), at(`.report.${process.pid}`));
    writeReport(at('report'), 'new');
    expect([readFileSync(at('shadow'), 'utf8'), readFileSync(at('report'), 'utf8')]).to.deep.equal([
      'old',
      'new',
    ]);
  });

  it('never takes the place of a device', () => {
    const before = statSync('/dev/null').ino;
    writeReport('/dev/null', 'x');
    expect(statSync('/dev/null').ino).to.equal(before);
    expect(statSync('/dev/null').isCharacterDevice()).to.equal(true);
  });

  it('leaves nothing behind where it cannot be written', async () => {
    await using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'report'));
    expect(() => writeReport(join(folder.path, 'report'), 'x')).to.throw(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder.path)).to.deep.equal(['report']);
  });
});
