/** One answer for all who ask the same, until anything changed. */
import { expect } from 'chai';
import type { Event } from '../../engine/core/event.ts';
import type { Effect } from '../../engine/core/host.ts';
import { createLocalHost, type LocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { temporaryFolder } from '../helpers/folders.ts';

interface Asking {
  readonly folder: string;
  readonly host: LocalHost;
  /** Processes started so far. */
  started(): number;
}

async function asking(check: (asking: Asking) => Promise<void>): Promise<void> {
  await using folder = temporaryFolder();
  const events: Event[] = [];
  const host = createLocalHost({ emit: (event) => events.push(event), env: { PATH: process.env['PATH'] } });
  await check({
    folder: folder.path,
    host,
    started: () => events.filter(({ kind }) => kind === 'process-started').length,
  });
}

const number = { argv: ['sh', '-c', 'cat /proc/sys/kernel/random/uuid'] };

describe('asking', () => {
  it('starts one process for all who ask the same, also at the same time', () =>
    asking(async ({ host, started }) => {
      const [one, two] = await Promise.all([host.ask(number), host.ask({ ...number })]);
      expect(two).to.deep.equal(one);
      expect((await host.ask(number)).stdout).to.equal(one.stdout);
      expect(started()).to.equal(1);
      expect((await host.ask({ argv: ['true'] })).stdout).to.equal('');
      expect((await host.probe(number)).stdout).to.not.equal(one.stdout);
      expect(started()).to.equal(3);
    }));

  it('starts another one after anything changed', () =>
    asking(async ({ host, folder }) => {
      const changes: Effect[] = [
        { kind: 'exec', command: { argv: ['true'] } },
        { kind: 'exec', command: { argv: ['false'] } },
        { kind: 'write', path: `${folder}/file`, content: Buffer.from('x') },
        { kind: 'remove', path: `${folder}/file` },
        { kind: 'environ', set: { A: '1' } },
        { kind: 'unit', unit: 'converge-no-such-unit', verb: 'stop' },
      ];
      for (const change of changes) {
        const { stdout } = await host.ask(number);
        await host.perform(change);
        expect((await host.ask(number)).stdout, change.kind).to.not.equal(stdout);
      }
    }));

  it('keeps the answer where nothing of the host changes', () =>
    asking(async ({ host, started }) => {
      const harmless: Effect[] = [
        { kind: 'remember', topic: 't', values: ['x'] },
        { kind: 'simulate', outcome: 'done' },
        {
          kind: 'await',
          target: { kind: 'tcp', host: '127.0.0.1', port: 1 },
          timeout: 0,
          every: 1,
        },
      ];
      await host.ask(number);
      for (const effect of harmless) await host.perform(effect);
      await host.ask(number);
      expect(started()).to.equal(1);
    }));

  it('tells of a command that cannot be started, and of one that fails', () =>
    asking(async ({ host }) => {
      expect(await host.ask({ argv: ['converge-no-such-program'] })).to.include({ status: 127, pid: 0 });
      expect(await host.ask({ argv: ['sh', '-c', 'echo no; exit 3'] })).to.include({
        status: 3,
        stdout: 'no\n',
      });
    }));

  it('goes by the environment that a dry run would have set', () =>
    asking(async ({ host }) => {
      const overlay = createOverlay(host);
      const command = { argv: ['sh', '-c', 'echo $WORD'] };
      expect((await overlay.ask(command)).stdout).to.equal('\n');
      await overlay.perform({ kind: 'environ', set: { WORD: 'set' } });
      expect((await overlay.ask(command)).stdout).to.equal('set\n');
      const { reached } = await overlay.reach(
        { kind: 'command', command: { argv: ['sh', '-c', '[ "$WORD" = set ]'] } },
        5,
      );
      expect(reached).to.equal(true);
      expect((await host.ask(command)).stdout).to.equal('\n');
    }));
});
