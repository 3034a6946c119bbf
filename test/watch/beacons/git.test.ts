import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command, Outcome } from '../../../engine/core/host.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import type { Beacon } from '../../../engine/watch/beacon.ts';
import git from '../../../engine/watch/beacons/git.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { isOnPath } from '../../helpers/tools.ts';
import { type FakeMeans, fakeMeans, targetsOf } from '../../helpers/watch-means.ts';

type Settings = Parameters<typeof git.start>[0];

const minute = 60_000;
const usual = { every: '2m', timeout: '30s' };
const [ours, theirs] = ['a'.repeat(40), 'b'.repeat(40)];

interface Started {
  readonly beacon: Beacon;
  readonly means: FakeMeans;
  aim(...sources: string[]): void;
}

/** A work tree in /srv/tree, and what git answers by its first word. */
function started(
  answers: { [word: string]: Partial<Outcome> | (() => Promise<Partial<Outcome>>) } = {},
  given: Partial<Settings> = {},
  files: { readonly [path: string]: string } = { '/srv/tree/.git/HEAD': 'ref: refs/heads/main\n' },
): Started {
  const means = fakeMeans();
  for (const [path, content] of Object.entries(files)) means.machine.files.set(path, content);
  const all: typeof answers = {
    'for-each-ref': { stdout: '  \n* origin refs/heads/main\n' },
    'ls-remote': { stdout: `${ours}\trefs/heads/main\n` },
    ...answers,
  };
  means.machine.onRun = ({ argv }) => {
    const answer = all[argv[0] === 'git' ? argv[1]! : argv[0]!];
    if (typeof answer === 'function') return answer();
    if (answer) return answer;
    return argv[1] === 'merge-base' ? { status: argv[3] === ours ? 0 : 128 } : {};
  };
  const beacon = git.start({ ...usual, ...given }, means, '');
  return { beacon, means, aim: (...sources) => beacon.aim!(targetsOf({ sources })) };
}

describe('beacon git', () => {
  it('finds the work tree without git, and starts nothing where there is none', async () => {
    const { means, aim, beacon } = started();
    aim('/etc/converge.yaml', '/srv/other');
    await means.clock.advance(60 * minute);
    expect(means.machine.commands).to.deep.equal([]);
    expect(means.clock.pending).to.equal(0);
    expect(beacon.tell()).to.equal('no work tree of git');
    aim('/srv/other', '/srv/tree/states/web');
    await means.clock.advance(60 * minute);
    expect(new Set(means.machine.commands.map(({ cwd }) => cwd))).to.deep.equal(new Set(['/srv/tree']));
    expect(beacon.tell()).to.equal('/srv/tree: has all of refs/heads/main of origin');
    expect(means.notices).to.deep.equal([]);
    aim('/srv/other');
    expect(means.clock.pending).to.equal(0);
  });

  it('finds a linked work tree, and one in a folder that settings name', async () => {
    const files = { '/srv/linked/.git': 'gitdir: /srv/tree/.git/worktrees/linked\n' };
    const { means } = started({}, { path: '/srv/linked/states' }, files);
    await means.clock.advance(2 * minute);
    expect(means.machine.commands[0]!.cwd).to.equal('/srv/linked');
  });

  it('asks as often as it should in 24 hours, whatever runs there are', async () => {
    const { means, aim } = started();
    for (let run = 0; run < 96; run++) {
      aim('/srv/tree');
      await means.clock.advance(15 * minute);
    }
    const asked = means.machine.commands.filter(({ argv }) => argv[1] === 'ls-remote');
    expect(asked.length).to.be.within(720, 721);
    expect(means.clock.pending).to.equal(1);
  });

  it('asks nobody for a password, and looks up no other repository', async () => {
    const { means, aim } = started();
    aim('/srv/tree');
    await means.clock.advance(2 * minute);
    for (const { env } of means.machine.commands) {
      expect(env).to.include({ GIT_TERMINAL_PROMPT: '0', SSH_ASKPASS_REQUIRE: 'force', GIT_DIR: null });
    }
    expect(means.machine.commands.every(({ timeout }) => timeout! <= 30)).to.equal(true);
  });

  it('tells a new commit once an hour', async () => {
    const { means, aim, beacon } = started({ 'ls-remote': { stdout: `${theirs}\trefs/heads/main\n` } });
    aim('/srv/tree');
    await means.clock.advance(2 * minute);
    expect(means.notices).to.deep.equal(['/srv/tree']);
    expect(beacon.tell()).to.equal(`/srv/tree: origin has ${'b'.repeat(12)} of refs/heads/main`);
    await means.clock.advance(50 * minute);
    expect(means.notices).to.have.length(1);
    await means.clock.advance(12 * minute);
    expect(means.notices).to.have.length(2);
  });

  it('takes what an annotated tag stands for', async () => {
    const { means, aim } = started(
      { 'ls-remote': { stdout: `${theirs}\trefs/tags/v1\n${ours}\trefs/tags/v1^{}\n` } },
      { ref: 'v1', remote: 'backup' },
    );
    aim('/srv/tree');
    await means.clock.advance(2 * minute);
    expect(means.machine.commands[1]!.argv).to.deep.equal(
      'git ls-remote -- backup refs/heads/v1 refs/heads/v1^{} refs/tags/v1 refs/tags/v1^{}'.split(' '),
    );
    expect(means.notices).to.deep.equal([]);
  });

  for (const [what, answers, said] of [
    [
      'git is not there',
      { 'for-each-ref': { status: 127, stderr: 'git: command not found' } },
      'git is not there',
    ],
    ['no branch is checked out', { 'for-each-ref': { stdout: '  origin refs/heads/main\n' } }, 'no branch'],
    ['the branch follows none', { 'for-each-ref': { stdout: '*  \n' } }, 'follows none'],
    ['the branch follows a local one', { 'for-each-ref': { stdout: '* . refs/heads/a\n' } }, 'follows none'],
  ] as const) {
    it(`is quiet where ${what}`, async () => {
      const { means, aim, beacon } = started(answers);
      aim('/srv/tree');
      await means.clock.advance(60 * minute);
      expect(means.warnings).to.deep.equal([]);
      expect(means.notices).to.deep.equal([]);
      expect(means.machine.commands.some(({ argv }) => argv[1] === 'ls-remote')).to.equal(false);
      expect(beacon.tell()).to.include(said);
    });
  }

  it('says once per outage that the remote is away', async () => {
    let answer: Partial<Outcome> = {
      status: 128,
      stderr: 'ssh: connect to host a port 22: refused\nfatal: no\n',
    };
    const { means, aim, beacon } = started({ 'ls-remote': async () => answer });
    aim('/srv/tree');
    await means.clock.advance(60 * minute);
    expect(means.warnings).to.deep.equal([
      'Whether /srv/tree is up to date cannot be told: ssh: connect to host a port 22: refused',
    ]);
    answer = { status: 124, timedOut: true };
    await means.clock.advance(60 * minute);
    expect(means.warnings).to.have.length(1);
    expect(beacon.tell()).to.include('does not answer');
    answer = { stdout: `${ours}\trefs/heads/main\n` };
    await means.clock.advance(2 * minute);
    expect(beacon.tell()).to.include('has all of');
    answer = { stdout: '' };
    await means.clock.advance(10 * minute);
    expect(means.warnings).to.have.length(2);
    expect(means.warnings[1]).to.include('origin has no refs/heads/main');
    expect(means.notices).to.deep.equal([]);
  });

  it('shows no login of an address', async () => {
    const answers = [
      { status: 128, stderr: "fatal: unable to access 'https://bob:hunter2@a.org/b/': no\n" },
      { stdout: `${ours}\trefs/heads/main\n` },
      { stdout: '' },
    ];
    const remote = 'https://bob:hunter2@a.org/b';
    const { means, beacon } = started(
      { 'ls-remote': async () => answers.shift()! },
      { path: '/srv/tree', remote },
    );
    const said: string[] = [];
    for (let left = 3; left > 0; left--) {
      await beacon.look!();
      said.push(beacon.tell());
    }
    expect(said.join(' ')).to.include('https://…@a.org/b').and.not.include('hunter2');
    expect(means.warnings).to.have.length(2);
    expect(means.warnings.join(' ')).to.not.include('hunter2');
    beacon[Symbol.dispose]();
  });

  it('does not take for news what git cannot compare', async () => {
    const { means, aim } = started({
      'ls-remote': { stdout: `${theirs}\trefs/heads/main\n` },
      'merge-base': { status: 124, timedOut: true },
    });
    aim('/srv/tree');
    await means.clock.advance(10 * minute);
    expect(means.notices).to.deep.equal([]);
    expect(means.warnings).to.have.length(1);
  });

  it('never asks twice at once, also where somebody else asks', async () => {
    const waiting: (() => void)[] = [];
    const { means, aim, beacon } = started({
      'ls-remote': () => new Promise((resolve) => waiting.push(() => resolve({ status: 1 }))),
    });
    aim('/srv/tree');
    await means.clock.advance(60 * minute);
    void beacon.look!();
    await means.clock.advance(60 * minute);
    expect(waiting).to.have.length(1);
    waiting[0]!();
    await means.clock.advance(4 * minute);
    expect(waiting).to.have.length(2);
  });

  it('forgets what it asked about a tree that is no longer the one', async () => {
    let answer: () => void = () => undefined;
    const { means, aim, beacon } = started({
      'ls-remote': () =>
        new Promise((resolve) => {
          answer = () => resolve({ stdout: `${theirs}\trefs/heads/main\n` });
        }),
    });
    means.machine.files.set('/srv/other/.git/HEAD', 'ref: refs/heads/main\n');
    aim('/srv/tree');
    await means.clock.advance(2 * minute);
    aim('/srv/other');
    answer();
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal([]);
    expect(beacon.tell()).to.equal('/srv/other: not asked yet');
    await means.clock.advance(5 * minute);
    answer();
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['/srv/other']);
  });

  it('stops in any state', async () => {
    let answer: () => void = () => undefined;
    const { means, aim, beacon } = started({
      'ls-remote': () =>
        new Promise((resolve) => {
          answer = () => resolve({ stdout: `${theirs}\trefs/heads/main\n` });
        }),
    });
    aim('/srv/tree');
    await means.clock.advance(2 * minute);
    beacon[Symbol.dispose]();
    beacon[Symbol.dispose]();
    answer();
    means.machine.files.set('/srv/other/.git/HEAD', 'ref: refs/heads/main\n');
    aim('/srv/other');
    await means.clock.advance(60 * minute);
    expect(means.notices).to.deep.equal([]);
    expect(means.clock.pending).to.equal(0);
  });

  it('is off with spans that are none', () => {
    for (const given of [{ every: '1s' }, { every: 'often' }, { timeout: 'long' }, { timeout: 0 }]) {
      const { means, beacon } = started({}, { path: '/srv/tree', ...given });
      expect(means.warnings).to.have.length(1);
      expect(means.clock.pending).to.equal(0);
      beacon[Symbol.dispose]();
    }
  });

  describe('with git itself (needs git)', () => {
    let folder: ReturnType<typeof temporaryFolder>;
    let remote: string;
    let tree: string;
    const env = {
      PATH: process.env['PATH']!,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    };

    function run(cwd: string, ...words: string[]): string {
      const own = { ...env, HOME: folder.path };
      return execFileSync('git', words, { cwd, env: own, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    }
    function commit(cwd: string, text: string): void {
      fs.writeFileSync(join(cwd, 'file'), text);
      run(cwd, 'add', '.');
      run(cwd, 'commit', '-qm', text);
    }
    /** Somebody else pushes. */
    function push(text: string): void {
      const other = join(folder.path, 'other');
      fs.rmSync(other, { recursive: true, force: true });
      run(folder.path, 'clone', '-q', remote, other);
      commit(other, text);
      run(other, 'push', '-q', 'origin', 'HEAD:main');
    }
    function watching(given: Partial<Settings> = {}): { beacon: Beacon; means: FakeMeans } {
      const host = createLocalHost({ env: { ...env, HOME: folder.path } });
      const means = fakeMeans();
      means.machine.content = (path) => {
        try {
          return fs.readFileSync(path);
        } catch {
          return undefined;
        }
      };
      means.machine.run = (command: Command) => host.probe(command);
      const beacon = git.start({ ...usual, path: tree, ...given }, means, '');
      return { beacon, means };
    }

    before(function () {
      if (!isOnPath('git')) this.skip();
    });
    beforeEach(() => {
      folder = temporaryFolder();
      remote = join(folder.path, 'remote.git');
      tree = join(folder.path, 'tree');
      run(folder.path, 'init', '-q', '--bare', '-b', 'main', remote);
      run(folder.path, 'init', '-q', '-b', 'main', tree);
      commit(tree, 'first');
      run(tree, 'remote', 'add', 'origin', `file://${remote}`);
      run(tree, 'push', '-q', '-u', 'origin', 'main');
    });
    afterEach(async () => {
      await folder?.[Symbol.asyncDispose]();
    });

    it('tells what was pushed, until it is there', async () => {
      const { beacon, means } = watching();
      await beacon.look!();
      expect(means.warnings).to.deep.equal([]);
      expect(beacon.tell()).to.equal(`${tree}: has all of refs/heads/main of origin`);
      push('second');
      await beacon.look!();
      expect(means.notices).to.deep.equal([tree]);
      // Fetched is not checked out.
      run(tree, 'fetch', '-q');
      await beacon.look!();
      expect(beacon.tell()).to.match(/: origin has [0-9a-f]{12} of refs\/heads\/main$/);
      run(tree, 'merge', '-q', '--ff-only', 'origin/main');
      await beacon.look!();
      expect(beacon.tell()).to.include('has all of');
      expect(means.notices).to.have.length(1);
      // What is only here concerns nobody.
      commit(tree, 'ours');
      await beacon.look!();
      expect(means.notices).to.have.length(1);
      push('third');
      await beacon.look!();
      expect(means.notices).to.have.length(2);
      beacon[Symbol.dispose]();
    });

    it('tells what was pushed over what there was', async () => {
      const { beacon, means } = watching();
      const other = join(folder.path, 'rewritten');
      run(folder.path, 'init', '-q', '-b', 'main', other);
      commit(other, 'anew');
      run(other, 'push', '-q', '-f', remote, 'main');
      await beacon.look!();
      expect(means.notices).to.have.length(1);
      beacon[Symbol.dispose]();
    });

    it('understands a shallow clone, a linked work tree and packed branches', async () => {
      push('second');
      const shallow = join(folder.path, 'shallow');
      run(folder.path, 'clone', '-q', '--depth', '1', `file://${remote}`, shallow);
      run(shallow, 'worktree', 'add', '-q', '-b', 'main2', '../linked');
      run(shallow, 'branch', '-q', '--set-upstream-to', 'origin/main', 'main2');
      run(shallow, 'pack-refs', '--all');
      for (const path of [shallow, join(folder.path, 'linked')]) {
        const { beacon, means } = watching({ path });
        await beacon.look!();
        expect(beacon.tell()).to.equal(`${path}: has all of refs/heads/main of origin`);
        push(`next for ${path}`);
        await beacon.look!();
        expect(means.notices).to.deep.equal([path]);
        run(path, 'pull', '-q', '--ff-only');
        await beacon.look!();
        expect(beacon.tell()).to.include('has all of');
        beacon[Symbol.dispose]();
        if (path === shallow) run(join(folder.path, 'linked'), 'reset', '-q', '--hard', 'origin/main');
      }
    });

    it('is quiet with a detached HEAD, unless it is told what to watch', async () => {
      run(tree, 'checkout', '-q', '--detach');
      const { beacon, means } = watching();
      await beacon.look!();
      expect(beacon.tell()).to.equal(`${tree}: no branch is checked out`);
      const told = watching({ ref: 'main' });
      await told.beacon.look!();
      expect(told.beacon.tell()).to.include('has all of refs/heads/main of origin');
      run(tree, 'tag', '-a', '-m', 'one', 'v1');
      run(tree, 'push', '-q', 'origin', 'v1');
      const tagged = watching({ ref: 'v1' });
      await tagged.beacon.look!();
      expect(tagged.beacon.tell()).to.include('has all of');
      for (const one of [beacon, told.beacon, tagged.beacon]) one[Symbol.dispose]();
      expect([...means.warnings, ...told.means.warnings, ...tagged.means.notices]).to.deep.equal([]);
    });

    it('is quiet where there is no remote, or no commit', async () => {
      run(tree, 'remote', 'remove', 'origin');
      const empty = join(folder.path, 'empty');
      run(folder.path, 'init', '-q', empty);
      for (const path of [tree, empty]) {
        const { beacon, means } = watching({ path });
        await beacon.look!();
        expect([...means.warnings, ...means.notices]).to.deep.equal([]);
        beacon[Symbol.dispose]();
      }
    });

    it('says why a remote cannot be asked, and notices that it is back', async () => {
      fs.renameSync(remote, `${remote}.away`);
      const { beacon, means } = watching();
      await beacon.look!();
      await beacon.look!();
      expect(means.warnings).to.have.length(1);
      expect(means.warnings[0]).to.match(/remote\.git/);
      fs.renameSync(`${remote}.away`, remote);
      await beacon.look!();
      expect(beacon.tell()).to.include('has all of');
      beacon[Symbol.dispose]();
    });

    it('gives up a remote that says nothing, in time', async () => {
      const server = createServer((socket) => void socket.on('error', () => undefined));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      run(tree, 'remote', 'set-url', 'origin', `git://127.0.0.1:${port}/a`);
      const { beacon, means } = watching({ timeout: '300ms' });
      await beacon.look!();
      expect(means.warnings.join()).to.include('the remote does not answer');
      beacon[Symbol.dispose]();
      server.close();
    });

    it('works for the owner of the work tree (needs root)', async function () {
      if (process.getuid!() !== 0) this.skip();
      fs.chmodSync(folder.path, 0o755);
      execFileSync('chown', ['-R', 'nobody', tree, remote]);
      const { beacon, means } = watching();
      await beacon.look!();
      expect(means.warnings).to.deep.equal([]);
      expect(beacon.tell()).to.include('has all of');
      beacon[Symbol.dispose]();
    });

    it('asks by ssh without a question, as the repository says', async () => {
      const asked = join(folder.path, 'asked');
      const fake = join(folder.path, 'fake-ssh');
      fs.writeFileSync(fake, `#!/bin/sh\necho "$SSH_ASKPASS_REQUIRE $@" > '${asked}'\nexit 255\n`, {
        mode: 0o755,
      });
      run(tree, 'remote', 'set-url', 'origin', 'ssh://git@host.invalid/a');
      run(tree, 'config', 'core.sshCommand', `${fake} -i /deploy/key`);
      const { beacon, means } = watching();
      await beacon.look!();
      expect(fs.readFileSync(asked, 'utf8')).to.match(/^force -i \/deploy\/key .*git@host\.invalid/);
      expect(means.warnings).to.have.length(1);
      beacon[Symbol.dispose]();
    });
  });
});
