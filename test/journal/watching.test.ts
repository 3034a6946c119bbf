/** What the watch tells of itself, and what others make of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  createWatchLog,
  type ReactionEntry,
  readReactions,
  readWatch,
  type WatchSnapshot,
} from '../../engine/journal/watching.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

const idle: WatchSnapshot = {
  state: 'idle',
  beacons: [{ name: 'files', tells: '3 paths' }],
  queue: [{ tag: 'files//etc/motd', since: 1000, due: 1100 }],
  breakers: [{ tag: 'files//etc/fought', times: 9, since: 1000, until: 9000 }],
};

function reaction(more: Partial<ReactionEntry> = {}): ReactionEntry {
  return {
    time: 1000,
    tags: ['files//etc/motd'],
    what: 'affected',
    changed: 1,
    failed: 0,
    latency_ms: 7,
    ...more,
  };
}

describe('what the watch tells', () => {
  it('is read while it runs, and gone when it was stopped', async () => {
    await using folder = temporaryFolder();
    const log = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 500 });
    expect(readWatch(folder.path)).to.equal(undefined);
    log.write(idle);
    log.reacted(reaction({ run: 'r1' }));
    expect(readWatch(folder.path)!.reactions).to.deep.equal([]);
    log.write(idle);
    const { reactions, ...told } = readWatch(folder.path)!;
    expect(told).to.deep.equal({
      ...idle,
      alive: true,
      pid: process.pid,
      since: 500,
      queued: 1,
      count: 1,
    });
    expect(reactions).to.deep.equal([{ ...reaction({ run: 'r1' }), notices: 1 }]);
    for (const name of ['watch.json', 'reactions.ndjson'])
      expect(statSync(join(folder.path, name)).mode & 0o777).to.equal(0o600);
    log[Symbol.dispose]();
    log[Symbol.dispose]();
    expect(readWatch(folder.path)).to.equal(undefined);
    const next = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 900 });
    next.write(idle);
    expect(readWatch(folder.path)).to.deep.include({ count: 0, reactions });
  });

  it('is of one that does not run where its process is gone, is another, or was of another boot', async () => {
    await using folder = temporaryFolder();
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const log = createWatchLog({ folder: folder.path, pid: child.pid!, now: () => 500 });
    log.write(idle);
    expect(readWatch(folder.path)!.alive).to.equal(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readWatch(folder.path)).to.deep.include({ alive: false, pid: child.pid });

    const own = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 700 });
    own.write(idle);
    // A watch that was replaced leaves the file of the other alone.
    log[Symbol.dispose]();
    const file = join(folder.path, 'watch.json');
    const told = JSON.parse(readFileSync(file, 'utf8'));
    for (const other of [{ process: { ...told.process, started: '1' } }, { boot: 'another' }]) {
      buildTree(folder.path, { 'watch.json': JSON.stringify({ ...told, ...other }) });
      expect(readWatch(folder.path)!.alive).to.equal(false);
    }
  });

  it('is of the one that was there first, as long as it lives', async () => {
    await using folder = temporaryFolder();
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const service = createWatchLog({ folder: folder.path, pid: child.pid!, now: () => 1 });
    service.write(idle);
    const guest = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 2 });
    guest.write({ ...idle, state: 'running' });
    guest.reacted(reaction());
    guest[Symbol.dispose]();
    expect(readWatch(folder.path)).to.deep.include({ pid: child.pid, state: 'idle' });
    expect(readReactions(folder.path)).to.have.lengthOf(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    guest.write({ ...idle, state: 'running' });
    expect(readWatch(folder.path)).to.deep.include({ pid: process.pid, state: 'running' });
  });

  it('stays small, however much there is', async () => {
    await using folder = temporaryFolder();
    const bytes = 16384;
    const log = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 1, bytes });
    const tags = Array.from({ length: 1000 }, (_, index) => `files//${index}/${'x'.repeat(4000)}`);
    for (let time = 1; time <= 300; time++) {
      log.reacted(reaction({ time, tags: time === 300 ? tags : ['timer/t'] }));
      log.happened({ time, event: 'warning', text: 'no room' });
      expect(statSync(join(folder.path, 'reactions.ndjson')).size).to.be.at.most(bytes);
    }
    const kept = readReactions(folder.path);
    expect(kept.length).to.be.greaterThan(3);
    expect(kept.at(-1)).to.deep.include({ time: 300, notices: 1000 });
    expect(kept.at(-1)!.tags.map((tag) => tag.length)).to.deep.equal([1000, 1000, 1000, 1000, 1000]);
    log.write({ ...idle, queue: tags.map((tag) => ({ tag, since: 1, due: 2 })) });
    expect(statSync(join(folder.path, 'watch.json')).size).to.be.lessThan(60_000);
    expect(readWatch(folder.path)).to.deep.include({ queued: 1000, count: 300 });
    expect(readWatch(folder.path)!.reactions.map(({ time }) => time)).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => 281 + index),
    );
  });

  it('holds no secret', async () => {
    await using folder = temporaryFolder();
    const mask = (text: string) => text.replaceAll('hunter2', '***');
    const log = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 1, mask });
    log.reacted(reaction({ tags: ['files//hunter2'], trouble: 'no hunter2' }));
    log.happened({ time: 1, event: 'warning', tag: 'files//hunter2', text: 'hunter2' });
    log.write({
      state: 'idle',
      beacons: [{ name: 'files', tells: 'hunter2' }],
      queue: [{ tag: 'hunter2', since: 1, due: 1 }],
      breakers: [{ tag: 'hunter2', times: 1, since: 1, until: 1 }],
    });
    for (const name of ['watch.json', 'reactions.ndjson'])
      expect(readFileSync(join(folder.path, name), 'utf8'))
        .to.include('***')
        .and.not.include('hunter2');
  });

  it('is as good as none where it is damaged', async () => {
    await using folder = temporaryFolder();
    const log = createWatchLog({ folder: folder.path, pid: process.pid, now: () => 1 });
    log.write(idle);
    const told = JSON.parse(readFileSync(join(folder.path, 'watch.json'), 'utf8'));
    for (const wrong of [{ state: 'odd' }, { since: 1e99 }, { queue: {} }, { process: null }, { boot: 1 }]) {
      buildTree(folder.path, { 'watch.json': JSON.stringify({ ...told, ...wrong }) });
      expect(readWatch(folder.path), JSON.stringify(wrong)).to.equal(undefined);
    }
    const odd = [null, 1, {}, { tag: 'x' }];
    const lists = { beacons: odd, queue: odd, breakers: odd, reactions: odd };
    buildTree(folder.path, { 'watch.json': JSON.stringify({ ...told, ...lists }) });
    expect(readWatch(folder.path)).to.deep.include({ beacons: [], queue: [], breakers: [], reactions: [] });
    log.reacted(reaction());
    appendFileSync(join(folder.path, 'reactions.ndjson'), '{"time":1\n\nnull\n\0\0');
    log.reacted(reaction({ time: 2 }));
    log.reacted(reaction({ time: 3 }));
    // The line that was cut off took the next one with it, and no more.
    expect(readReactions(folder.path).map(({ time }) => time)).to.deep.equal([1000, 3]);
  });

  it('is told of once where it cannot be written, and tried again', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { state: '' });
    const place = join(folder.path, 'state');
    const told: string[] = [];
    const log = createWatchLog({
      folder: place,
      pid: process.pid,
      now: () => 1,
      onTrouble: (message) => told.push(message),
    });
    log.write(idle);
    log.write(idle);
    log.reacted(reaction());
    expect(told).to.have.length(1);
    expect(told[0]).to.include(place);
    rmSync(place);
    mkdirSync(place);
    log.write(idle);
    expect(existsSync(join(place, 'watch.json'))).to.equal(true);
  });
});
