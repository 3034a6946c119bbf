import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const top = join(import.meta.dirname, '../..');

describe('the installed form', () => {
  const work = mkdtempSync(join(tmpdir(), 'converge-build-test-'));
  const installed = join(work, 'opt/converge/1');
  let roots = 0;

  before(function () {
    this.timeout(120_000);
    execFileSync(process.execPath, [join(top, 'scripts/build.ts'), '--out', join(work, 'dist')]);
    // Built in one place and used in another, without the checkout's packages in reach.
    cpSync(join(work, 'dist'), installed, { recursive: true });
    rmSync(join(work, 'dist'), { recursive: true });
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  function run(program: string, args: readonly string[]): SpawnSyncReturns<string> {
    const env = { PATH: '/usr/bin:/bin', HOME: work, LANG: 'C.UTF-8' };
    return spawnSync(program, args, { cwd: work, encoding: 'utf8', env });
  }

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }

  /** Runs both forms, each on a root of its own, and returns what both said. */
  function both(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
    const said = [join(top, 'converge'), join(installed, 'converge')].map((program) => {
      const root = join(work, `root-${++roots}`);
      mkdirSync(root);
      const ended = run(program, [...args, '--root', root, '--id', 'both']);
      return { status: ended.status, output: comparable(ended.stdout + ended.stderr, root) };
    });
    expect(said[1]).to.deep.equal(said[0]);
    return said[0]!;
  }

  /** Without what differs between any two runs. */
  function comparable(text: string, root: string): string {
    return text
      .replaceAll(root, 'ROOT')
      .replace(/"started": ?"[^"]*"/g, '"started":""')
      .replace(/"duration_ms": ?[\d.]+/g, '"duration_ms":0')
      .replace(/"pid": ?\d+/g, '"pid":0')
      .replace(/\b[\d.]+ ?m?s\b/g, 'TIME')
      .replace(/ +/g, ' ');
  }

  const demo = ['states', 'pillar', 'templates'].flatMap((one) => [`--${one}`, join(top, 'demo', one)]);

  it('converges the demo like the checkout does', () => {
    const ended = both('highstate', '--json', ...demo);
    expect(ended.status, ended.output).to.equal(0);
    const { summary } = JSON.parse(ended.output) as { summary: { changed: number; failed: number } };
    expect(summary.changed).to.be.greaterThan(4);
    expect(summary.failed).to.equal(0);
  });

  it('plans it alike in a dry run', () => {
    expect(both('highstate', '--test', '--json', ...demo).status).to.equal(0);
    expect(both('highstate', '--test', '--detailed-exitcode', ...demo).status).to.equal(2);
  });

  it('compiles it alike', () => {
    expect(both('show', 'lowstate', '--json', ...demo).status).to.equal(0);
  });

  it('knows the same states, and checks their arguments alike', () => {
    expect(both('list-states').output).to.contain('file.managed');
    write('wrong/top.yaml', "base: {'*': [web]}\n");
    write(
      'wrong/web.yaml',
      '/a:\n  file.managed: {sorce: x, makedirs: [1]}\n/b:\n  file.directory: {clean: {}}\n/c:\n  file.symlink: {}\n',
    );
    const ended = both('highstate', '--json', '--states', join(work, 'wrong'));
    expect(ended.status).to.equal(3);
    expect(ended.output).to.contain('"unknown-argument"').and.contain('"bad-argument"');
    expect(both('lint', '--states', join(work, 'wrong')).status).to.equal(3);
  });

  it('checks the pillar by the schemas of state trees alike', () => {
    for (const [tree, version] of Object.entries({
      web: 'https://json-schema.org/draft/2020-12/schema',
      old: 'http://json-schema.org/draft-07/schema#',
    })) {
      write(`schema/${tree}/init.yaml`, `${tree}: test.nop\n`);
      write(
        `schema/${tree}/pillar.schema.json`,
        JSON.stringify({ $schema: version, properties: { [tree]: { type: 'integer' } } }),
      );
      const words = ['apply', tree, '--states', join(work, 'schema'), '--json'];
      expect(both(...words, `--pillar-override={"${tree}": 1}`).status).to.equal(0);
      const ended = both(...words, `--pillar-override={"${tree}": "x"}`);
      expect(ended.status).to.equal(3);
      expect(ended.output).to.contain('"bad-pillar-value"');
    }
  });

  it('runs commands, and shows template errors in their place, alike', () => {
    expect(both('single', 'cmd.run', 'echo hello', 'below_root=true', '--json').output).to.contain('hello');
    write('broken/top.yaml', "base: {'*': [web]}\n");
    write('broken/web.yaml', '/a:\n  file.managed:\n    contents: {{ nowhere.to.be.found }}\n');
    expect(both('highstate', '--states', join(work, 'broken')).status).to.equal(3);
  });

  it('reaches out alike, and says nothing else', () => {
    for (const words of [
      ['tcp.reachable', '127.0.0.1:1', 'timeout=0'],
      ['http.query', 'http://127.0.0.1:1/'],
      ['http.query', 'https://127.0.0.1:1/'],
    ]) {
      const { output } = both('single', ...words);
      expect(output).to.contain('connection refused').and.not.contain('Warning');
    }
  });

  it('has the same version and help', () => {
    expect(both('--version').output).to.match(/^converge \d/);
    both('--help');
  });

  it('starts through links and passes words on untouched', () => {
    mkdirSync(join(work, 'bin'));
    symlinkSync(join(installed, 'converge'), join(work, 'bin/one'));
    symlinkSync('one', join(work, 'bin/converge'));
    expect(run(join(work, 'bin/converge'), ['--version']).stdout).to.match(/^converge \d/);
    const root = join(work, 'words');
    mkdirSync(root);
    run(join(work, 'bin/converge'), [
      'single',
      'file.managed',
      '/it',
      'contents=a  b $HOME *',
      '--root',
      root,
    ]);
    expect(execFileSync('cat', [join(root, 'it')], { encoding: 'utf8' })).to.equal('a  b $HOME *\n');
  });

  it('has beside it what is large and seldom used', () => {
    const program = `console.log(typeof require(${JSON.stringify(join(installed, 'lib/acme-client.cjs'))}).Client)`;
    expect(run(join(installed, 'lib/node'), ['-e', program])).to.deep.include({
      stdout: 'function\n',
      stderr: '',
    });
  });

  it('has a code cache that its Node accepts', () => {
    const program = `
      const fs = require('node:fs'), vm = require('node:vm'), { Script } = vm;
      vm.Script = class extends Script {
        constructor(source, options) { super(source, options); console.log(this.cachedDataRejected); }
      };
      process.getBuiltinModule = ((real) => (name) => (name === 'node:vm' ? vm : real(name)))(process.getBuiltinModule);
      process.argv.splice(1, 0, 'x');
      process.argv[2] = '--version';
      require(${JSON.stringify(join(installed, 'lib/start.cjs'))});`;
    expect(run(join(installed, 'lib/node'), ['-e', program, 'x']).stdout).to.match(/^false\n/);
  });
});
