/** Who answers for what, what is declared no more, and its removal. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Home, home, type Report } from '../helpers/home.ts';
import { place } from '../helpers/place.ts';

const memory = 'state/applied.ndjson';

function file(name: string, more = ''): string {
  return `${name}:\n  file.managed:\n    - name: '{dir}/${name}'\n    - contents: ${name}\n${more}`;
}

const top = 'states/web.yaml';
const nothing = 'x: test.nop\n';

/** A tree that was applied, and then declares something else. */
async function changed(from: string, to: string, settings = ''): Promise<Home> {
  const here = home({ [top]: from }, settings);
  await here.told('highstate');
  here.write({ [top]: to });
  return here;
}

function names({ summary }: Report, here: Home): string[] {
  return (summary.orphans ?? []).map(({ name }) => name.replace(`${here.path}/`, ''));
}

describe('converge owns', () => {
  it('names the state, its SLS and place, for things and what is in them', async () => {
    const tree = "tree:\n  file.recurse:\n    - name: '{dir}/t'\n    - source: salt://t\n";
    await using here = home({ [top]: file('a') + tree, 'states/t/one': '1' });
    await here.told('highstate');
    const known = await here.run('owns', here.at('a'));
    expect(known.code).to.equal(0);
    expect(known.stdout).to.include(`file ${here.at('a')}\n    file.managed of ID "a", SLS web (`);
    expect(known.stdout).to.match(/states\/web\.yaml:2\)$/m);
    expect((await here.run('owns', 'a')).stdout, 'from the current folder').to.equal(known.stdout);
    const [below] = JSON.parse((await here.run('owns', here.at('t/one'), '--json')).stdout);
    expect(below).to.include({ kind: 'tree', state: 'file.recurse', sls: 'web', line: 6 });
    const all = JSON.parse((await here.run('owns', '--json')).stdout);
    expect(all.map(({ id }: { id: string }) => id)).to.deep.equal(['a', 'tree']);
  });

  it('exits with 1 for a name that nobody owns, and says so', async () => {
    await using here = home({ [top]: file('a') });
    expect((await here.run('owns')).stdout).to.equal('Nothing was applied yet.\n');
    await here.told('highstate');
    const { code, stdout, stderr } = await here.run('owns', 'a', 'b');
    expect(code).to.equal(1);
    expect(stdout).to.include(here.at('a'));
    expect(stderr).to.equal('converge: nothing that was applied owns b.\n');
  });

  it('still answers where the tree does not compile', async () => {
    await using here = await changed(file('a'), 'a: [');
    expect((await here.run('owns', 'a')).stdout).to.include('SLS web\n');
  });

  it('tells what is declared no more, and since when', async () => {
    await using here = await changed(file('a'), nothing);
    await here.told('highstate');
    const [gone] = JSON.parse((await here.run('owns', 'a', '--json')).stdout);
    expect(gone.orphan_since).to.match(/^\d{4}-/);
    expect((await here.run('owns')).stdout).to.include('declared no more since');
  });
});

describe('what is declared no more', () => {
  it('is told by dry runs and runs until it is gone, or claimed again', async () => {
    await using here = await changed(file('a') + file('b'), nothing);
    expect(names(await here.told('highstate', '--test'), here)).to.deep.equal(['a', 'b']);
    expect(names(await here.told('highstate'), here)).to.deep.equal(['a', 'b']);
    expect(names(await here.told('highstate'), here)).to.deep.equal(['a', 'b']);
    expect((await here.run('highstate')).stdout)
      .to.include('Declared once and no more:')
      .and.include('ID "a"');
    here.write({ [top]: file('b') });
    expect(names(await here.told('highstate'), here)).to.deep.equal(['a']);
    const { stdout } = await here.run('single', 'file.absent', `name=${here.at('a')}`);
    expect(stdout).to.include('1 changed');
    expect((await here.told('highstate')).summary.orphans).to.equal(undefined);
    expect(here.text(memory)).to.not.include(`${here.path}/a"`);
  });

  it('is told where the tree is again as it was once', async () => {
    await using here = await changed(file('a'), file('a') + file('b'));
    await here.told('highstate');
    here.write({ [top]: file('a') });
    expect(names(await here.told('highstate'), here)).to.deep.equal(['b']);
    await here.told('highstate', '--prune', 'all');
    expect(existsSync(here.at('b'))).to.equal(false);
  });

  it('is not what another ID or state took over', async () => {
    const linked = "c:\n  file.symlink:\n    - name: '{dir}/b'\n    - target: a\n    - force: true\n";
    await using here = await changed(file('a') + file('b'), file('a').replace('a:', 'other:') + linked);
    const { summary, code } = await here.told('highstate', '--prune', 'all');
    expect(code).to.equal(0);
    expect(summary.orphans).to.equal(undefined);
    here.write({ [top]: nothing });
    expect(names(await here.told('highstate', '--test'), here), 'and it is still ours').to.deep.equal([
      'a',
      'b',
    ]);
  });

  it('is not what failed, nor what a state that does not compile declared', async () => {
    await using here = await changed(file('a'), file('a', "    - check_cmd: 'false'\n    - mode: '0600'\n"));
    expect((await here.told('highstate')).summary.orphans).to.equal(undefined);
    here.write({ [top]: 'a: [' });
    expect((await here.run('highstate', '--prune', 'all')).code).to.equal(3);
    here.write({ [top]: nothing });
    expect(names(await here.told('highstate', '--test'), here)).to.deep.equal(['a']);
  });

  for (const noticed of ['highstate', 'apply']) {
    it(`is also what a state owned that is declared still, as ${noticed} notices`, async () => {
      const mount = (at: string) =>
        `nas:/home:\n  mount.fstab_present:\n    - fs_file: ${at}\n    - fs_vfstype: nfs\n    - config: '{dir}/fstab'\n    - mount: false\n    - match_on: name\n`;
      await using here = await changed(mount('/one'), mount('/two'));
      if (noticed === 'apply') await here.told('apply', 'web');
      expect((await here.told('highstate')).summary.orphans?.map(({ name }) => name)).to.deep.equal(['/one']);
      expect(here.text('fstab')).to.include('/one').and.include('/two');
      await here.told('highstate', '--prune', 'mount');
      expect(here.text('fstab')).to.match(/^\S+\s+\/two\s[^/]*$/);
    });
  }

  it('is not what only apply ever named', async () => {
    await using here = home({ [top]: nothing, 'states/extra.yaml': file('a') });
    await here.told('apply', 'extra');
    expect((await here.told('highstate', '--prune', 'all')).summary.orphans).to.equal(undefined);
    expect(here.text('a')).to.equal('a\n');
  });

  it('is not what another tree declares', async () => {
    await using here = home({
      [top]: file('a'),
      'other/top.yaml': "base:\n  '*': [web]\n",
      'other/web.yaml': file('a'),
    });
    await here.told('highstate');
    await here.told('highstate', '--states', 'other');
    here.write({ [top]: nothing });
    expect((await here.told('highstate', '--prune', 'file')).summary.orphans).to.equal(undefined);
    expect(here.text('a')).to.equal('a\n');
  });

  it('is told once where it was there before, and then left alone', async () => {
    await using here = home({ [top]: file('a'), a: 'mine\n' });
    await here.told('highstate');
    here.write({ [top]: nothing });
    const { summary } = await here.told('highstate', '--prune', 'all');
    expect(summary.orphans?.[0]?.stays).to.equal('it was there before');
    expect((await here.told('highstate', '--prune', 'all')).summary.orphans).to.equal(undefined);
    expect(here.text('a')).to.equal('a\n');
  });

  it('is known by a path, however it is spelled', async () => {
    await using here = home({ [top]: file('real/a', '    - makedirs: true\n'), link: { link: 'real' } });
    await here.told('highstate');
    here.write({ [top]: file('real/a').replace('real/a:', 'b:').replace('/real/a', '/link/./a') });
    const { summary, code } = await here.told('highstate', '--prune', 'all');
    expect(code).to.equal(0);
    expect(summary.orphans).to.equal(undefined);
    expect(existsSync(here.at('real/a'))).to.equal(true);
  });

  it('leaves no secret behind in the memory', async () => {
    await using here = home(
      {
        [top]: "a:\n  file.managed:\n    - name: '{dir}/{{ pillar.token }}'\n    - contents_pillar: token\n",
        'hidden/top.yaml': { content: "base:\n  '*': [keys]\n", mode: 0o600 },
        'hidden/keys.yaml': { content: 'token: Canary-in-a-name\n', mode: 0o600 },
        hidden: { directory: true, mode: 0o700 },
      },
      'pillar: hidden\nsecret_pillar: hidden\n',
    );
    const { code } = await here.told('highstate');
    expect(code).to.equal(0);
    expect(here.text('Canary-in-a-name')).to.equal('Canary-in-a-name\n');
    expect(here.text(memory)).to.include('«token').and.not.include('Canary');
    here.write({ [top]: nothing });
    const { summary } = await here.told('highstate', '--prune', 'all');
    expect(summary.orphans?.[0]?.stays).to.equal('no state removes such things');
  });
});

describe('pruning', () => {
  it('removes the kinds that are named, by states of the run that can be foretold and that the history keeps', async () => {
    await using here = await changed(file('a'), nothing);
    const foretold = await here.told('highstate', '--test', '--prune', 'file');
    expect(foretold.results.at(-1)).to.include({ state: 'file', id: 'a', sls: 'prune', result: null });
    expect(foretold.summary.orphans).to.equal(undefined);
    expect(here.text('a')).to.equal('a\n');
    expect((await here.told('highstate', '--prune', 'cron')).results).to.have.lengthOf(1);
    const { results, summary } = await here.told('highstate', '--prune', 'file');
    expect(results.at(-1)).to.include({ id: 'a', result: true });
    expect(summary.orphans).to.equal(undefined);
    expect(existsSync(here.at('a'))).to.equal(false);
    expect((await here.told('highstate', '--prune', 'file')).results).to.have.lengthOf(1);
    expect((await here.run('history', 'show', 'last-1')).stdout).to.include('prune');
  });

  it('is part of a plan that is saved', async () => {
    await using here = await changed(file('a'), nothing);
    await here.told('highstate', '--test', '--prune', 'file', '--out', here.at('plan'));
    const { results } = await here.told('apply-plan', here.at('plan'));
    expect(results.at(-1)).to.include({ id: 'a', sls: 'prune', result: true });
    expect(existsSync(here.at('a'))).to.equal(false);
  });

  it('of a kind that there is not is a mistake, told before anything is touched', async () => {
    await using here = home({ [top]: file('a') });
    const { code, stderr } = await here.run('highstate', '--prune', 'file,corn');
    expect(code).to.equal(3);
    expect(stderr).to.include('kind of things "corn"').and.include('Did you mean "cron"?');
    expect(existsSync(here.at('a'))).to.equal(false);
  });

  it('can be a setting', async () => {
    await using here = await changed(file('a'), nothing, 'prune: [file]\n');
    await here.told('highstate');
    expect(existsSync(here.at('a'))).to.equal(false);
  });

  it('takes directories only when nothing else is in them', async () => {
    const folder = (name: string) => `${name}:\n  file.directory:\n    - name: '{dir}/${name}'\n`;
    const tree = folder('one') + folder('two') + file('one/a') + file('two/a');
    await using here = await changed(tree, nothing);
    writeFileSync(here.at('two/mine'), '');
    const foretold = await here.told('highstate', '--test', '--prune', 'all');
    const { results, summary } = await here.told('highstate', '--prune', 'all');
    expect(results.map(({ id, result }) => [id, result])).to.have.deep.members([
      ['x', true],
      ['one/a', true],
      ['two/a', true],
      ['one', true],
      ['two', true],
    ]);
    expect(
      foretold.results.map(({ id }) => id),
      'a dry run sees what goes before',
    ).to.deep.equal(results.map(({ id }) => id));
    expect(names(foretold, here)).to.deep.equal(['two']);
    expect(existsSync(here.at('one'))).to.equal(false);
    expect(existsSync(here.at('two/mine'))).to.equal(true);
    expect(summary.orphans?.[0]).to.include({ name: here.at('two'), stays: 'It stays: it is not empty.' });
  });

  it('spares what another state names', async () => {
    const reads = 'x:\n  cmd.run:\n    - name: cat {dir}/a\n';
    await using here = await changed(file('a') + file('ab'), reads);
    const { summary } = await here.told('highstate', '--prune', 'all');
    expect(here.text('a')).to.equal('a\n');
    expect(existsSync(here.at('ab'))).to.equal(false);
    expect(summary.orphans).to.have.lengthOf(1);
    expect(summary.orphans?.[0]?.stays).to.equal('cmd.run of ID "x" names it');
  });

  it('waits for a run in which all goes well', async () => {
    await using here = await changed(file('a'), 'x:\n  cmd.run:\n    - name: test -e {dir}/open\n');
    const { results, code } = await here.told('highstate', '--prune', 'all');
    expect(code).to.equal(1);
    expect(results.at(-1)).to.include({ id: 'a', result: true });
    expect(results.at(-1)?.comment).to.include('not everything went well');
    expect(here.text('a')).to.equal('a\n');
    here.write({ open: '' });
    await here.told('highstate', '--prune', 'all');
    expect(existsSync(here.at('a'))).to.equal(false);
  });

  it('is taken back like any other change', async () => {
    const sls = 'a:\n  file.managed:\n    - name: {{ salt["environ.get"]("DIR") }}/a\n    - contents: a\n';
    await using here = place({ 'states/top.yaml': "base:\n  '*': [web]\n", [top]: sls });
    await here.run('highstate');
    here.write(top, nothing);
    await here.run('highstate', '--prune', 'all');
    expect(existsSync(here.at('a'))).to.equal(false);
    expect((await here.run('restore', here.at('a'))).code).to.equal(0);
    expect(here.text('a')).to.equal('a\n');
  });

  it('does nothing in a run that is only about a part of the tree', async () => {
    await using here = home({ [top]: file('a'), 'states/part.yaml': nothing }, 'prune: all\n');
    await here.told('highstate');
    await here.told('apply', 'part');
    expect(here.text('a')).to.equal('a\n');
  });

  it('copes with names of every kind', async () => {
    const odd = ['with blank', "quote'", 'new\nline', '«x #1234»', '-rf'];
    const sls = odd
      .map(
        (name, at) =>
          `o${at}:\n  file.managed:\n    - name: ${JSON.stringify(`{dir}/d/${name}`)}\n    - contents: x\n`,
      )
      .join('');
    const here = home({ [top]: sls });
    await using _ = here;
    mkdirSync(here.at('d'));
    await here.told('highstate');
    here.write({ [top]: nothing });
    await here.told('highstate', '--prune', 'file');
    for (const name of odd) expect(existsSync(join(here.at('d'), name)), name).to.equal(false);
  });
});
