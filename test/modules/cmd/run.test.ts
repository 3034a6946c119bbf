import * as fs from 'node:fs';
import { expect } from 'chai';
import type { Effect, Outcome } from '../../../engine/core/host.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import state from '../../../engine/modules/cmd/run.ts';
import { applyTo, argumentsOf } from '../../helpers/apply.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { stateTester } from '../../helpers/state-tester.ts';

function exec(command: object, success = [0]): Effect[] {
  const set = { cwd: '/', env: {}, user: undefined, group: undefined, umask: undefined, timeout: undefined };
  return [{ kind: 'exec', command: { ...set, ...command } as never, success }];
}

stateTester('cmd.run', state, [
  {
    title: 'runs its name in a shell',
    args: { name: 'echo $HOME' },
    expects: { changes: ['exec'], effects: exec({ argv: ['echo $HOME'], shell: '/bin/sh' }) },
  },
  {
    title: 'runs a list without a shell',
    args: { cmd: ['echo', '$HOME', 1] },
    expects: { changes: ['exec'], effects: exec({ argv: ['echo', '$HOME', '1'] }) },
  },
  {
    title: 'splits words itself without a shell',
    args: { name: `a 'b c' "d \\"e\\"" f\\ g ''`, python_shell: false },
    expects: { changes: ['exec'], effects: exec({ argv: ['a', 'b c', 'd "e"', 'f g', ''] }) },
  },
  {
    title: 'takes all settings',
    args: {
      name: 'id',
      cwd: '/srv',
      runas: 'bob',
      umask: 77,
      timeout: 3,
      env: [{ A: 1 }, { B: false, C: null }],
      prepend_path: '/opt/bin',
      stdin: 'x',
      success_retcodes: [3],
    },
    expects: {
      changes: ['exec'],
      effects: exec(
        {
          argv: ['id'],
          shell: '/bin/sh',
          cwd: '/srv',
          user: 'bob',
          umask: 0o77,
          timeout: 3,
          env: { A: '1', B: null, C: '', PATH: '/opt/bin:/usr/bin:/bin' },
          stdin: 'x',
        },
        [0, 3],
      ),
    },
  },
  {
    title: 'starts in the home of the user',
    host: { users: { bob: 1000 }, files: { '/home/bob': { directory: true } } },
    args: { name: 'id', runas: 'bob' },
    expects: {
      changes: ['exec'],
      effects: exec({ argv: ['id'], shell: '/bin/sh', cwd: '/home/bob', user: 'bob' }),
    },
  },
  { title: 'refuses an umask that is none', args: { name: 'id', umask: '9' }, expects: { refused: /octal/ } },
  {
    title: 'refuses an open quote',
    args: { name: "echo 'a", python_shell: false },
    expects: { refused: /not closed/ },
  },
  { title: 'refuses an odd env', args: { name: 'id', env: ['A=1'] }, expects: { refused: /"env"/ } },
]);

function outcome(told: Partial<Outcome>): Outcome {
  return { status: 0, stdout: '', stderr: '', pid: 7, ...told };
}

function judged(args: Record<string, unknown>, told: Partial<Outcome>) {
  return state.judge!(argumentsOf(state, { name: 'x', ...args }), outcome(told));
}

describe('cmd.run, what an outcome means', () => {
  it('goes by the exit status', () => {
    expect(judged({}, {})).to.deep.equal({ comment: 'Command "x" run', failed: false });
    expect(judged({}, { status: 3 }).failed).to.equal(true);
    expect(judged({ success_retcodes: 3 }, { status: 3 }).failed).to.equal(false);
  });

  it('goes by what was printed', () => {
    expect(judged({ success_stdout: 'fine' }, { status: 1, stdout: 'fine\n' }).failed).to.equal(false);
    expect(judged({ success_stderr: ['fine'] }, { status: 1, stderr: 'fine\n' }).failed).to.equal(false);
    expect(judged({ success_stdout: 'fine' }, { status: 1, stdout: 'not fine' }).failed).to.equal(true);
  });

  it('goes by time', () => {
    expect(judged({}, { status: 124, timedOut: true }).failed).to.equal(true);
    expect(judged({ ignore_timeout: true }, { status: 124, timedOut: true }).failed).to.equal(false);
  });

  it('hides output', () => {
    expect(judged({ hide_output: true }, { stdout: 'secret' }).changes).to.deep.equal({
      pid: 7,
      retcode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('asks a stateful command: the last line', () => {
    const verdict = judged({ stateful: true }, { stdout: `one\nchanged=yes comment='all of it' disk=sda\n` });
    expect(verdict.comment).to.equal('all of it');
    expect(verdict.changes).to.deep.equal({ pid: 7, retcode: 0, stdout: 'one', stderr: '', disk: 'sda' });
    const quiet = judged({ stateful: true }, { stdout: 'one\n\nchanged=no\n' });
    expect(quiet).to.deep.include({ changes: {}, failed: false });
  });

  it('asks a stateful command: JSON', () => {
    const verdict = judged({ stateful: true }, { stdout: '{"changed": true, "comment": "c", "n": 1}' });
    expect(verdict).to.deep.include({ comment: 'c', failed: false });
    expect(verdict.changes).to.include({ n: 1, stdout: '' });
  });

  it('fails a stateful command that says nothing it understands', () => {
    expect(judged({ stateful: true }, { stdout: 'all done' })).to.deep.include({ failed: true });
    expect(judged({ stateful: true }, { stdout: '[1]' })).to.deep.include({ failed: true });
    expect(judged({ stateful: true }, { stdout: 'changed=perhaps' })).to.deep.include({ failed: true });
    expect(judged({ stateful: true }, {})).to.deep.include({ failed: false, changes: {} });
  });
});

describe('cmd.run on this machine', () => {
  it('runs, for real only', async () => {
    await using folder = temporaryFolder();
    const host = createLocalHost();
    const args = { name: 'echo out; echo err >&2; touch made', cwd: folder.path };
    const dry = await applyTo(createOverlay(host), state, args);
    expect(dry.performed).to.deep.equal([{ became: 'presumed' }]);
    expect(fs.readdirSync(folder.path)).to.deep.equal([]);
    const { outcome: came } = await applyTo(host, state, args);
    expect(came).to.include({ status: 0, stdout: 'out\n', stderr: 'err\n' });
    expect(fs.readdirSync(folder.path)).to.deep.equal(['made']);
  });

  it('asks test_name first and does nothing where that tells of no change', async () => {
    const host = createLocalHost();
    const asked = (answer: string) =>
      applyTo(host, state, { name: 'true', stateful: [{ test_name: `echo changed=${answer}` }] });
    expect((await asked('no')).steps).to.have.length(0);
    expect((await asked('yes')).steps).to.have.length(1);
  });

  it('has an environment without what it was told to remove', async () => {
    const host = createLocalHost({ env: { GONE: 'x', KEPT: 'y' } });
    const run = async (args: object) => {
      const { outcome: came } = await applyTo(host, state, { name: 'echo "$GONE/$KEPT/$NEW"', ...args });
      return came!.stdout.trim();
    };
    expect(await run({ env: { GONE: false, NEW: 'n' } })).to.equal('/y/n');
    expect(await run({ clean_env: true, env: { NEW: 'n' } })).to.equal('//n');
  });
});
