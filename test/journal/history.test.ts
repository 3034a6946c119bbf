/** The history of runs: readable whatever happened, and bounded. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  createRecorder,
  type Limits,
  type RunRecord,
  readHistory,
  readResults,
} from '../../engine/journal/history.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { finished, summary } from '../report/recorded.ts';

function record(
  folder: string,
  run: string,
  limits: Limits = { runs: 10, bytes: 1e6 },
  troubles: string[] = [],
) {
  return createRecorder({
    folder,
    begin: { run, command: ['highstate'], cause: 'cron', version: '1', began: 1000, pid: 7 },
    limits,
    now: () => 3000,
    changesOf: ({ changes }) => changes,
    onTrouble: (message) => troubles.push(message),
  });
}

describe('history', () => {
  it('knows a run that ended, with what it changed', async () => {
    await using folder = temporaryFolder();
    const recorder = record(folder.path, 'one');
    recorder.handle(finished({ verdict: 'unchanged', id: 'same' }));
    recorder.handle(finished({ verdict: 'changed', id: 'new', changes: { mode: { old: '1', new: '2' } } }));
    recorder.handle(finished({ verdict: 'failed', id: 'bad', comment: 'It broke.' }));
    recorder.handle({ kind: 'run-finished', summary: summary({ changed: 1 }) });
    recorder.finish(1);
    expect(readHistory(folder.path)).to.deep.equal([
      {
        ...{ run: 'one', command: ['highstate'], cause: 'cron', version: '1', began: 1000, pid: 7 },
        ...{ ended: 3000, summary: summary({ changed: 1 }), exit: 1 },
      },
    ]);
    const results = readResults(folder.path, 'one');
    expect(results.map(({ id, verdict }) => [id, verdict])).to.deep.equal([
      ['new', 'changed'],
      ['bad', 'failed'],
    ]);
    expect(results[0]!.changes).to.deep.equal({ mode: { old: '1', new: '2' } });
  });

  it('leaves no file for a run that changed nothing', async () => {
    await using folder = temporaryFolder();
    const recorder = record(folder.path, 'one');
    recorder.handle(finished({ verdict: 'unchanged' }));
    recorder.finish(0);
    expect(readdirSync(`${folder.path}/runs`)).to.deep.equal([]);
    expect(readResults(folder.path, 'one')).to.deep.equal([]);
  });

  it('shows a run that was killed as one that did not end, and reads on past a torn line', async () => {
    await using folder = temporaryFolder();
    record(folder.path, 'killed').handle(finished({ verdict: 'changed', id: 'done' }));
    appendFileSync(`${folder.path}/runs/killed.ndjson`, '{"id": "torn');
    appendFileSync(`${folder.path}/history.ndjson`, '{"run": "torn", "be');
    record(folder.path, 'later').finish(0);
    const runs = readHistory(folder.path);
    expect(runs.map(({ run, ended }) => [run, ended])).to.deep.equal([
      ['killed', undefined],
      ['later', 3000],
    ]);
    expect(readResults(folder.path, 'killed').map(({ id }) => id)).to.deep.equal(['done']);
  });

  it('keeps the newest runs, and of their changes what fits', async () => {
    await using folder = temporaryFolder();
    const limits = { runs: 10, bytes: 2000 };
    for (let index = 100; index < 190; index++) {
      const recorder = record(folder.path, `run${index}`, limits);
      recorder.handle(finished({ verdict: 'changed', comment: 'x'.repeat(200) }));
      recorder.finish(0);
    }
    const runs = readHistory(folder.path);
    expect(runs.at(-1)!.run).to.equal('run189');
    expect(runs.length).to.be.within(10, 60);
    const files = readdirSync(`${folder.path}/runs`).sort();
    expect(files.at(-1)).to.equal('run189.ndjson');
    const bytes = files.reduce((sum, file) => sum + statSync(`${folder.path}/runs/${file}`).size, 0);
    expect(bytes).to.be.at.most(2000);
    expect(files.length).to.be.greaterThan(2);
  });

  it('is for its owner only', async () => {
    await using folder = temporaryFolder();
    const recorder = record(`${folder.path}/j`, 'one');
    recorder.handle(finished({ verdict: 'changed' }));
    recorder.finish(0);
    expect(statSync(`${folder.path}/j`).mode & 0o777).to.equal(0o700);
    expect(statSync(`${folder.path}/j/history.ndjson`).mode & 0o777).to.equal(0o600);
    expect(statSync(`${folder.path}/j/runs/one.ndjson`).mode & 0o777).to.equal(0o600);
  });

  it('is empty where it cannot be read', async () => {
    await using folder = temporaryFolder();
    mkdirSync(`${folder.path}/history.ndjson`);
    mkdirSync(`${folder.path}/runs/one.ndjson`, { recursive: true });
    expect(readHistory(folder.path)).to.deep.equal([]);
    expect(readResults(folder.path, 'one')).to.deep.equal([]);
  });

  it('stops nothing where it cannot be written, and says so once', async () => {
    await using folder = temporaryFolder();
    writeFileSync(`${folder.path}/file`, '');
    const troubles: string[] = [];
    const recorder = record(`${folder.path}/file`, 'one', undefined, troubles);
    recorder.handle(finished({ verdict: 'changed' }));
    recorder.finish(0);
    expect(troubles).to.have.lengthOf(1);
    expect(existsSync(`${folder.path}/file/runs`)).to.equal(false);
  });

  it('knows a run whose beginning found no room, once there is room at its end', async () => {
    await using folder = temporaryFolder();
    writeFileSync(`${folder.path}/runs`, 'in the way');
    const troubles: string[] = [];
    const recorder = record(folder.path, 'one', undefined, troubles);
    rmSync(`${folder.path}/runs`);
    recorder.finish(1);
    expect(troubles).to.have.lengthOf(1);
    const [{ run, began, exit }] = readHistory(folder.path) as [RunRecord];
    expect({ run, began, exit }).to.deep.equal({ run: 'one', began: 1000, exit: 1 });
  });
});
