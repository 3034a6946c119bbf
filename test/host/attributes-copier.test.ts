/** Attributes are copied by a shell that stays; whatever happens to it, the next one is copied another way. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createAttributesCopier } from '../../engine/host/attributes-copier.ts';
import { temporaryFolder } from '../helpers/folders.ts';

describe('the copier of attributes', () => {
  it('copies modes, of any number of files, with names of any kind', async () => {
    await using folder = temporaryFolder();
    const before = pids().length;
    const copier = createAttributesCopier('mode')!;
    for (const name of ['plain', "it's", 'a b', '-x', '$(touch evil)', 'ä\\n']) {
      const [from, to] = [join(folder.path, name), join(folder.path, `${name}.new`)];
      fs.writeFileSync(from, 'from');
      fs.chmodSync(from, 0o751);
      fs.writeFileSync(to, 'to');
      expect(copier.copy(from, to), name).to.equal('');
      expect(fs.statSync(to).mode & 0o777, name).to.equal(0o751);
      expect(fs.readFileSync(to, 'utf8')).to.equal('to');
    }
    expect(fs.existsSync('evil')).to.equal(false);
    expect(pids()).to.have.length(before + 1);
  });

  it('says what cp says', async () => {
    await using folder = temporaryFolder();
    const copier = createAttributesCopier('mode')!;
    const said = copier.copy(join(folder.path, 'missing'), join(folder.path, 'new'));
    expect(said).to.match(/No such file or directory/);
    const file = join(folder.path, 'file');
    fs.writeFileSync(file, '');
    fs.writeFileSync(`${file}.new`, '');
    expect(copier.copy(file, `${file}.new`), 'the next one is all right').to.equal('');
  });

  it('gives up on a path that a pipe would not take in one piece', async () => {
    const copier = createAttributesCopier('mode')!;
    expect(copier.copy('/'.padEnd(5000, 'x'), '/tmp')).to.equal(undefined);
  });

  it('tells where nobody answers any more', async function () {
    this.timeout(10_000);
    const before = new Set(pids());
    const copier = createAttributesCopier('mode')!;
    const [mine] = pids().filter((pid) => !before.has(pid));
    process.kill(mine!, 'SIGKILL');
    while (pids().includes(mine!)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(copier.copy('/tmp', '/tmp')).to.equal(undefined);
  });
});

/** Shells of ours that copy attributes, as the kernel knows them: not every machine has ps. */
function pids(): number[] {
  return fs.readdirSync('/proc').flatMap((name) => {
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const words = fs.readFileSync(`/proc/${name}/cmdline`, 'latin1');
      const ours = Number(parent) === process.pid && state !== 'Z' && words.includes('attributes-only');
      return ours ? [Number(name)] : [];
    } catch {
      // No process, or one that has just ended.
      return [];
    }
  });
}
