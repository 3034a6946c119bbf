/** `converge rollback` as its users meet it: a folder before a run and after the rollback of it are the same. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { applied, runsOf } from '../helpers/applied.ts';
import { type Place, place } from '../helpers/place.ts';

/** Kind, mode, owner, bytes, and the time of files, of everything in a folder. */
function picture(folder: string, name = ''): string[] {
  const at = join(folder, name);
  const { mode, uid, gid, mtimeMs } = lstatSync(at);
  const line = `${name} ${mode.toString(8)} ${uid}:${gid}`;
  const kind = mode & 0o170000;
  if (kind === 0o120000) return [`${line} ${readlinkSync(at)}`];
  if (kind === 0o100000) return [`${line} ${Math.floor(mtimeMs)} ${readFileSync(at, 'latin1')}`];
  if (kind !== 0o040000) return [line];
  // What a killed run leaves half written is cleared away later.
  const names = readdirSync(at).filter((child) => !child.startsWith('.converge-'));
  return [line, ...names.flatMap((child) => picture(folder, join(name, child)))];
}

const dir = '{{ salt["environ.get"]("DIR") }}';

/** Everything that states do to files, of what `furnish` makes. */
const everything = `
${dir}/there/new/deep/file:
  file.managed:
    - makedirs: true
    - contents: new
${dir}/there/replaced:
  file.managed:
    - contents: other
    - mode: '0600'
${dir}/there/kept beside:
  file.managed:
    - contents: other
    - backup: .bak
${dir}/there/tree:
  file.absent: []
${dir}/there/link:
  file.symlink:
    - target: nowhere
    - force: true
${dir}/there/was a file:
  file.directory:
    - force: true
${dir}/there/was a file/now holds:
  file.managed:
    - contents: this
${dir}/there/was a folder:
  file.symlink:
    - target: replaced
    - force: true
${dir}/there/dressed:
  file.managed:
    - replace: false
    - mode: '0640'
${dir}/there/bare:
  file.directory:
    - mode: '0700'
${dir}/there/moved to:
  file.rename:
    - source: ${dir}/there/moves
${dir}/there/touched:
  file.touch: []
${dir}/there/hard:
  file.hardlink:
    - target: ${dir}/there/dressed
twice:
  file.append:
    - name: ${dir}/there/replaced
    - text: more
"a name with: 'quotes', \\"double\\" and\\nnewlines":
  file.managed:
    - name: "${dir}/there/it's a \\"name\\"\\nof two lines"
    - contents: odd
`;

function furnish(here: Place): void {
  const at = (path: string) => here.at(`there/${path}`);
  const old = new Date(Date.UTC(2021, 5, 1));
  mkdirSync(at('tree/sub/sub'), { recursive: true });
  mkdirSync(at('was a folder/with'), { recursive: true });
  mkdirSync(at('moves/inner'), { recursive: true });
  mkdirSync(at('bare'));
  for (const file of [
    'replaced',
    'kept beside',
    'was a file',
    'dressed',
    'touched',
    'tree/one',
    'tree/sub/sub/two',
    'was a folder/with/three',
    'moves/inner/four',
    'it\'s a "name"\nof two lines',
  ]) {
    writeFileSync(at(file), `old ${file}`);
    utimesSync(at(file), old, old);
  }
  writeFileSync(at('tree/empty'), '');
  symlinkSync('../replaced', at('tree/link'));
  symlinkSync('replaced', at('link'));
  chmodSync(at('tree/sub'), 0o710);
  chmodSync(at('tree/one'), 0o4751);
}

describe('rollback', () => {
  it('puts back all that a run did to files, whatever it was, and takes itself back as well', async () => {
    await using here = place({ 'states/all.yaml': everything, there: { directory: true } });
    furnish(here);
    const before = picture(here.at('there'));
    const run = await applied(here, 'apply', 'all');
    const after = picture(here.at('there'));
    expect(after).to.not.deep.equal(before);

    const dry = await here.run('rollback', run, '--test', '--json');
    expect(dry.code, dry.stderr).to.equal(0);
    expect(picture(here.at('there')), 'a dry run touches nothing').to.deep.equal(after);
    const back = await here.run('rollback', run, '--json');
    expect(back.code, back.stdout + back.stderr).to.equal(0);
    expect(picture(here.at('there'))).to.deep.equal(before);
    expect(named(dry.stdout), 'a dry run foretells').to.deep.equal(named(back.stdout));

    const again = await here.run('rollback', run, '--json');
    expect(again.code, again.stderr).to.equal(0);
    expect(JSON.parse(again.stdout).summary).to.deep.include({ changed: 0, failed: 0 });

    const redone = await here.run('rollback', (await runsOf(here))[1]!);
    expect(redone.code, redone.stdout + redone.stderr).to.equal(0);
    const hard = (lines: string[]) => lines.filter((line) => !/^touched /.test(line));
    expect(hard(picture(here.at('there')))).to.deep.equal(hard(after));
  });

  it('refuses where something else, or a later run, changed what it would put back, unless forced', async () => {
    await using here = place({
      'states/one.yaml': `${dir}/a:\n  file.managed:\n    - contents: one\n${dir}/b:\n  file.managed:\n    - contents: one\n`,
      'states/two.yaml': `${dir}/b:\n  file.managed:\n    - contents: two\n`,
      a: 'zero\n',
      b: 'zero\n',
    });
    const one = await applied(here, 'apply', 'one');
    const two = await applied(here, 'apply', 'two');
    writeFileSync(here.at('a'), 'by hand\n');
    const refused = await here.run('rollback', one);
    expect(refused.code).to.equal(3);
    expect(refused.stderr)
      .to.include('error[changed-since]')
      .and.include(`${here.at('a')} was changed since run ${one}, by something else.`)
      .and.include(`${here.at('b')} was changed since run ${one}, by run ${two}.`);
    expect(readFileSync(here.at('b'), 'utf8')).to.equal('two\n');
    expect((await here.run('rollback', one, '--test')).code).to.equal(3);
    expect((await here.run('rollback', two)).code, 'nothing but b').to.equal(0);
    writeFileSync(here.at('a'), 'one\n');
    expect((await here.run('rollback', one)).code, 'as that run left it, whoever wrote it').to.equal(0);
    expect(readFileSync(here.at('a'), 'utf8')).to.equal('zero\n');
    writeFileSync(here.at('a'), 'by hand\n');
    expect((await here.run('rollback', one, '--force')).code).to.equal(0);
    expect(readFileSync(here.at('a'), 'utf8')).to.equal('zero\n');
  });

  it('leaves what others put into a folder that the run made', async () => {
    await using here = place({
      'states/one.yaml': `${dir}/new/a:\n  file.managed:\n    - makedirs: true\n    - contents: one\n`,
    });
    const run = await applied(here, 'apply', 'one');
    writeFileSync(here.at('new/data'), 'precious');
    const { code, stdout, stderr } = await here.run('rollback', run, '--force');
    expect(code).to.equal(0);
    expect(stdout + stderr).to.include(`${here.at('new')} stays, for it holds data`);
    expect(readdirSync(here.at('new'))).to.deep.equal(['data']);
  });

  it('takes back a run that was killed', async () => {
    await using here = place({
      'states/one.yaml': [
        `${dir}/a:\n  file.managed:\n    - contents: one`,
        'die:\n  cmd.run:\n    - name: kill -9 $PPID; sleep 5',
        `${dir}/b:\n  file.managed:\n    - contents: one\n`,
      ].join('\n'),
      a: 'zero\n',
    });
    expect((await here.run('apply', 'one')).code).to.equal(null);
    expect(readFileSync(here.at('a'), 'utf8')).to.equal('one\n');
    const shown = await here.run('history', 'show', 'last');
    expect(shown.stdout).to.match(/takes back 1 path; this stays:\n {4}What "kill -9 \$PPID/);
    const back = await here.run('rollback', 'last');
    expect(back.code, back.stderr).to.equal(0);
    expect(back.stderr).to.match(/this cannot be taken back:\n {2}What "kill -9/);
    expect(readFileSync(here.at('a'), 'utf8')).to.equal('zero\n');
  });

  it('takes back runs that were killed at any moment, half an effect included', async function () {
    this.timeout(120_000);
    const states = [
      ...['a', 'b', 'c', 'd'].map((name) => `${dir}/there/${name}:\n  file.absent: []\n`),
      `{% for n in range(40) %}\n${dir}/there/{{ n }}:\n  file.managed:\n    - contents: new {{ n }}\n    - mode: '0600'\n{% endfor %}\n`,
    ].join('');
    await using here = place({ 'states/many.yaml': states, there: { directory: true } });
    for (const name of ['a', 'b', 'c', 'd']) mkdirSync(here.at(`there/${name}/sub`), { recursive: true });
    for (let n = 0; n < 40; n += 2) writeFileSync(here.at(`there/${n}`), `old ${n}`);
    for (let n = 0; n < 10; n++) writeFileSync(here.at(`there/a/sub/${n}`), `old ${n}`);
    const before = picture(here.at('there'));
    for (const lines of [1, 9, 20, 47, 80, 101]) {
      const { child, ended } = here.start('apply', 'many');
      const known = new Set(logs(here));
      while (linesIn(here, known) < lines && child.exitCode === null) await pause(1);
      child.kill('SIGKILL');
      await ended;
      if (lines > 9) expect(picture(here.at('there'))).to.not.deep.equal(before);
      const back = await here.run('rollback', 'last');
      expect(back.code, back.stdout + back.stderr).to.equal(0);
      expect(picture(here.at('there')), `killed after ${lines} lines`).to.deep.equal(before);
    }
  });

  it('says which copies are damaged or gone, and puts back the others', async () => {
    await using here = place({
      'states/one.yaml': ['a', 'b', 'c']
        .map((name) => `${dir}/${name}:\n  file.managed:\n    - contents: one\n`)
        .join(''),
      a: 'zero of a\n',
      b: 'zero of b\n',
      c: 'zero of c\n',
    });
    const run = await applied(here, 'apply', 'one');
    const log = here.at(`state/undo/${run}.ndjson`);
    const lines = readFileSync(log, 'utf8').split('\n');
    const hashOf = (name: string): string =>
      JSON.parse(lines.find((line) => line.includes(`${here.at(name)}","was`))!).was.hash;
    truncateSync(here.at(`state/objects/${hashOf('a')}`), 3);
    rmSync(here.at(`state/objects/${hashOf('b')}`));
    writeFileSync(
      log,
      [...lines.slice(0, 2), '{"about":"pa\u0000', '[]', 'null', ...lines.slice(2)].join('\n'),
    );
    const { code, stdout, stderr } = await here.run('rollback', run);
    expect(code).to.equal(1);
    expect(stdout).to.include('its copy is damaged').and.include('its copy is no longer kept');
    expect(stderr).to.include('1 line of the log is damaged');
    expect(['a', 'b', 'c'].map((name) => readFileSync(here.at(name), 'utf8'))).to.deep.equal([
      'one\n',
      'one\n',
      'zero of c\n',
    ]);
  });

  it('removes what was moved only when it is back where it was', async () => {
    const files = {
      'states/one.yaml': [
        `${dir}/new/b:\n  file.rename:\n    - source: ${dir}/a\n    - makedirs: true`,
        `${dir}/old-tree:\n  file.rename:\n    - source: ${dir}/tree`,
        `${dir}/vast-tree:\n  file.rename:\n    - source: ${dir}/vast`,
        `${dir}/vast:\n  file.symlink:\n    - target: vast-tree\n`,
      ].join('\n'),
      a: 'the only one\n',
      'tree/one': 'of a tree',
      'vast/file': 'x'.repeat(2 ** 20 + 1),
    };
    await using here = place(files, 'undo_size: 1\n');
    const run = await applied(here, 'apply', 'one');
    const object = (text: string) => {
      const all = readdirSync(here.at('state/objects')).map((name) => here.at(`state/objects/${name}`));
      return all.find((file) => readFileSync(file, 'utf8') === text)!;
    };
    rmSync(object('the only one\n'));
    const { code, stdout, stderr } = await here.run('rollback', run);
    expect(code).to.equal(1);
    expect(stdout).to.include('its copy is no longer kept');
    expect(stderr).to.match(/vast is not put back: it holds \d+ bytes/);
    expect(here.text('new/b')).to.equal('the only one\n');
    expect(here.text('tree/one')).to.equal('of a tree');
    expect(existsSync(here.at('old-tree'))).to.equal(false);
    expect(readdirSync(here.at('vast-tree'))).to.deep.equal(['file']);
    expect(readlinkSync(here.at('vast'))).to.equal('vast-tree');
  });

  it('knows runs that changed nothing, none at all, and those of which nothing is kept any more', async () => {
    await using here = place({ 'states/one.yaml': `${dir}/a:\n  file.managed:\n    - contents: one\n` });
    const run = await applied(here, 'apply', 'one');
    const nothing = await applied(here, 'apply', 'one');
    const empty = await here.run('rollback', nothing);
    expect(empty.code).to.equal(0);
    expect(empty.stderr).to.include(`run ${nothing} changed nothing`);
    const unknown = await here.run('rollback', 'never');
    expect(unknown.code).to.equal(3);
    expect(unknown.stderr).to.include('error[unknown-run]');
    rmSync(here.at(`state/undo/${run}.ndjson`));
    const dropped = await here.run('rollback', run);
    expect(dropped.code).to.equal(3);
    expect(dropped.stderr).to.include('error[nothing-kept]').and.include('undo_size');
  });

  it('needs neither states nor pillar', async () => {
    const files = {
      'states/one.yaml': `${dir}/a:\n  file.managed:\n    - contents: one\n`,
      'pillar/top.yaml': "base:\n  '*': [x]\n",
      'pillar/x.yaml': 'x: 1\n',
    };
    await using here = place(files, 'pillar: pillar\n');
    const run = await applied(here, 'apply', 'one');
    writeFileSync(here.at('pillar/x.yaml'), '{{ broken');
    rmSync(here.at('states'), { recursive: true });
    const back = await here.run('rollback', run);
    expect(back.code, back.stderr).to.equal(0);
    expect(existsSync(here.at('a'))).to.equal(false);
  });

  it('shows no secret of a file or a path, rotated ones neither, though it reads no pillar', async () => {
    const states = [
      `${dir}/open:\n  file.managed:\n    - contents: "password = {{ pillar.password }} of all"`,
      `${dir}/of-{{ pillar.password }}.conf:\n  file.managed:\n    - contents: in its name`,
      'says:\n  cmd.run:\n    - name: true {{ pillar.password }}\n',
    ].join('\n');
    const files = {
      'states/one.yaml': states,
      'pillar/top.yaml': { content: "base:\n  '*': [x]\n", mode: 0o600 },
      'pillar/x.yaml': { content: 'password: first-canary-1\n', mode: 0o600 },
      open: 'before\n',
    };
    await using here = place(
      { ...files, pillar: { directory: true, mode: 0o700 } },
      'pillar: pillar\nsecret_pillar: pillar\n',
    );
    const said: string[] = [];
    async function run(...words: string[]): Promise<void> {
      const { code, stdout, stderr } = await here.run(...words);
      expect(code, stdout + stderr).to.equal(0);
      said.push(stdout, stderr);
    }
    await run('apply', 'one');
    writeFileSync(here.at('pillar/x.yaml'), 'password: second-canary-2\n');
    await run('apply', 'one');
    await run('history', 'show', 'last');
    await run('rollback', 'last', '--test');
    await run('rollback', 'last', '--json');
    await run('history', 'show', 'last');
    await run('rollback', (await runsOf(here))[0]!, '--output', 'ndjson');
    expect(here.text('open')).to.equal('before\n');
    expect(readdirSync(here.at('.')).filter((name) => name.startsWith('of-'))).to.deep.equal([]);
    for (const canary of ['first-canary-1', 'second-canary-2']) {
      expect(said.join('\n')).to.not.include(canary);
      const undo = readdirSync(here.at('state/undo')).map((name) => here.text(`state/undo/${name}`));
      expect([here.text('state/history.ndjson'), ...undo].join('\n')).to.not.include(canary);
    }
  });

  it('lets a run go on that cannot keep what it replaces, and says so', async () => {
    await using here = place({
      'states/one.yaml': `${dir}/a:\n  file.managed:\n    - contents: one\n${dir}/b:\n  file.managed:\n    - contents: one\n`,
      a: 'zero\n',
      b: 'other\n',
      'state/objects': 'in the way',
    });
    chmodSync(here.at('state'), 0o700);
    const { code, stderr } = await here.run('apply', 'one');
    expect(code, stderr).to.equal(0);
    expect(stderr.match(/Not all that this run changes can be undone/g)).to.have.lengthOf(1);
    expect(readFileSync(here.at('a'), 'utf8')).to.equal('one\n');
    const back = await here.run('rollback', 'last');
    expect(back.stderr).to.include(`${here.at('a')} was not kept`);
    expect(readFileSync(here.at('a'), 'utf8'), 'nothing is made up').to.equal('one\n');
  });
});

function logs(here: Place): string[] {
  return existsSync(here.at('state/undo')) ? readdirSync(here.at('state/undo')) : [];
}

/** Of the log that is not known yet. */
function linesIn(here: Place, known: ReadonlySet<string>): number {
  const log = logs(here).find((name) => !known.has(name));
  return log === undefined ? 0 : here.text(`state/undo/${log}`).split('\n').length - 1;
}

/** Subjects of the changes, by state. */
function named(stdout: string): unknown {
  const { results } = JSON.parse(stdout) as { results: { name: string; changes: object }[] };
  return results.map(({ name, changes }) => [name, Object.keys(changes)]);
}
