/** What a run replaces, on the disk: copies by their hash, a log, and bounds for both. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createUndoLog, type UndoLogOptions } from '../../engine/journal/undo-log.ts';
import { readUndo, undoneRuns } from '../../engine/journal/undo-read.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';

function logIn(folder: TemporaryFolder, options: Partial<UndoLogOptions> = {}) {
  const troubles: string[] = [];
  const log = createUndoLog({
    folder: join(folder.path, 'state'),
    run: 'one',
    began: 1,
    size: 2 ** 20,
    runs: 10,
    strict: false,
    mask: (text) => text.replaceAll('hunter2', '«password #1234»'),
    onTrouble: (message) => troubles.push(message),
    ...options,
  });
  return Object.assign(log, { troubles });
}

function objectsIn(folder: TemporaryFolder): string[] {
  return readdirSync(join(folder.path, 'state/objects')).sort();
}

describe('the log of what a run replaces', () => {
  it('keeps the same bytes once, in files that only their owner may read', async () => {
    await using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    writeFileSync(at('a'), 'same');
    writeFileSync(at('b'), 'same');
    writeFileSync(at('large'), Buffer.alloc(3 * 2 ** 20, 'x'));
    const log = logIn(folder, { size: 8 * 2 ** 20 });
    const [a, b, large] = ['a', 'b', 'large'].map((name) => log.look(at(name), 'keep'));
    expect(a?.hash)
      .to.equal(log.hashOf(Buffer.from('same')))
      .and.equal(b?.hash);
    log.write([{ about: 'path', path: '/a', was: a! }]);
    expect(objectsIn(folder)).to.deep.equal([a?.hash, large?.hash].sort());
    expect(statSync(join(folder.path, 'state/objects', large!.hash!)).size).to.equal(3 * 2 ** 20);
    for (const path of ['objects', 'undo']) {
      expect(statSync(join(folder.path, 'state', path)).mode & 0o777).to.equal(0o700);
      for (const name of readdirSync(join(folder.path, 'state', path)))
        expect(statSync(join(folder.path, 'state', path, name)).mode & 0o777).to.equal(0o600);
    }
  });

  it('writes an object anew that is shorter than it ought to be', async () => {
    await using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a'), 'some text');
    const first = logIn(folder);
    const { hash } = first.look(join(folder.path, 'a'), 'keep');
    first.write([]);
    truncateSync(join(folder.path, 'state/objects', hash!), 2);
    const second = logIn(folder);
    second.look(join(folder.path, 'a'), 'keep');
    second.write([]);
    expect(readFileSync(join(folder.path, 'state/objects', hash!), 'utf8')).to.equal('some text');
  });

  it('clears away what a killed run was copying', async () => {
    await using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'state/objects'), { recursive: true });
    writeFileSync(join(folder.path, 'state/objects/.new-4711-0'), 'half');
    const log = logIn(folder);
    const hash = log.keep(Buffer.from('kept'));
    log.write([]);
    expect(objectsIn(folder)).to.deep.equal([hash]);
  });

  it('keeps hundreds of files at once', async () => {
    await using folder = temporaryFolder();
    const log = logIn(folder);
    const hashes = Array.from({ length: 300 }, (_, index) => log.keep(Buffer.from(`file ${index}`)));
    expect(objectsIn(folder), 'not before they are on the disk').to.not.include(hashes[0]);
    log.write([]);
    expect(objectsIn(folder)).to.deep.equal([...hashes].sort());
  });

  it('tells what is no file as well, and does not follow links', async () => {
    await using folder = temporaryFolder();
    const log = logIn(folder);
    mkdirSync(join(folder.path, 'folder'), { mode: 0o750 });
    symlinkSync('folder', join(folder.path, 'link'));
    expect(log.look(join(folder.path, 'folder'), 'keep')).to.deep.include({ kind: 'directory', mode: 0o750 });
    expect(log.look(join(folder.path, 'link'), 'keep')).to.deep.include({ kind: 'link', target: 'folder' });
    expect(log.look(join(folder.path, 'none'), 'keep')).to.deep.equal({ kind: 'absent' });
    expect(existsSync(join(folder.path, 'state'))).to.equal(false);
  });

  it('says of what is too large that it is not kept', async () => {
    await using folder = temporaryFolder();
    const log = logIn(folder, { size: 10 });
    for (const [name, size] of [
      ['small', 8],
      ['next', 9],
      ['large', 2 ** 20 + 1],
    ] as const) {
      writeFileSync(join(folder.path, name), Buffer.alloc(size, name));
    }
    expect(log.look(join(folder.path, 'small'), 'keep').hash).to.be.a('string');
    expect(log.look(join(folder.path, 'next'), 'keep').unkept).to.include('undo_size');
    expect(log.look(join(folder.path, 'large'), 'keep').unkept).to.include('undo_size');
    log.write([]);
    expect(objectsIn(folder)).to.have.lengthOf(1);
  });

  it('drops the oldest runs, and the copies that no other run needs', async () => {
    await using folder = temporaryFolder();
    const shared = Buffer.alloc(10_000, 'shared');
    const names = ['one', 'two', 'three', 'four'];
    for (const [index, run] of names.entries()) {
      using log = logIn(folder, { run: `2026-${index}-${run}`, began: index, size: 100_000 });
      const own = log.keep(Buffer.alloc(40_000, run));
      const both = log.keep(shared);
      log.write([
        { about: 'path', path: `/${run}`, was: { kind: 'file', hash: own } },
        { about: 'path', path: '/shared', was: { kind: 'file', hash: both } },
      ]);
    }
    const state = join(folder.path, 'state');
    expect(undoneRuns(state)).to.deep.equal(['2026-2-three', '2026-3-four']);
    expect(objectsIn(folder)).to.have.lengthOf(3);
    const kept = readUndo(state, '2026-2-three')!;
    for (const { was } of kept.paths.values()) expect(objectsIn(folder)).to.include(was.hash);
  });

  it('drops more runs than the history has, and what a killed run left half written', async () => {
    await using folder = temporaryFolder();
    for (const index of [1, 2, 3]) {
      using log = logIn(folder, { run: `run-${index}`, began: index, runs: 2 });
      if (index === 3) writeFileSync(join(folder.path, 'state/objects/.new-1-0'), 'half');
      log.write([{ about: 'lost', what: log.keep(Buffer.from(`${index}`)) }]);
    }
    expect(undoneRuns(join(folder.path, 'state'))).to.deep.equal(['run-2', 'run-3']);
    expect(objectsIn(folder)).to.have.lengthOf(2).and.not.include('.new-1-0');
  });

  it('hides secrets in paths and texts, and still knows the path', async () => {
    await using folder = temporaryFolder();
    const log = logIn(folder);
    log.write([
      { about: 'path', path: '/srv/hunter2.txt', was: { kind: 'absent' } },
      { about: 'left', path: '/srv/hunter2.txt', now: { kind: 'file', hash: 'x' } },
      { about: 'path', path: '/link', was: { kind: 'link', target: '/x/hunter2' } },
      { about: 'lost', what: 'What "login hunter2" did is not undone.' },
      { about: 'command', label: 'logout hunter2', object: log.keep(Buffer.from('{}')) },
    ]);
    const text = readFileSync(join(folder.path, 'state/undo/one.ndjson'), 'utf8');
    expect(text).to.not.include('hunter2');
    const undo = readUndo(join(folder.path, 'state'), 'one')!;
    expect(undo.paths.get('/link')?.was.target).to.equal('/x/hunter2');
    expect(undo.paths.get('/srv/hunter2.txt')).to.deep.include({
      label: '/srv/«password #1234».txt',
      left: { kind: 'file', hash: 'x' },
    });
    expect(undo.lost[0]).to.include('«password #1234»');
  });
});

describe('what a run did', () => {
  it('is how things were before the first touch, and how the last one left them', async () => {
    await using folder = temporaryFolder();
    const log = logIn(folder);
    const bare = { kind: 'file', mode: 0o600, uid: 0, gid: 0 } as const;
    log.write([
      { about: 'path', path: '/a', was: bare, part: 'attributes' },
      { about: 'left', path: '/a', now: { ...bare, mode: 0o644 } },
      { about: 'path', path: '/a', was: { ...bare, mode: 0o644, hash: 'old' } },
      { about: 'left', path: '/a', now: { ...bare, mode: 0o644, hash: 'new' } },
      { about: 'left', path: '/a', now: { ...bare, mode: 0o755 } },
      { about: 'path', path: '/p', was: { ...bare, hash: 'passwd' }, part: { records: ['bob'] } },
      { about: 'left', path: '/p', now: bare, records: { bob: null } },
      { about: 'path', path: '/p', was: bare, part: { records: ['eve'] } },
      { about: 'path', path: '/cut', was: { kind: 'absent' } },
      { about: 'unit', name: 'u.service', verb: 'reload', enabled: 'enabled', active: 'active' },
      { about: 'unit', name: 'u.service', verb: 'restart', enabled: 'disabled', active: 'failed' },
      { about: 'unit', name: 'u.service', verb: 'reload', enabled: 'disabled', active: 'active' },
    ]);
    const { paths, units } = readUndo(join(folder.path, 'state'), 'one')!;
    expect(paths.get('/a')).to.deep.include({
      was: { ...bare, hash: 'old' },
      part: 'all',
      left: { ...bare, mode: 0o755, hash: 'new' },
    });
    expect(paths.get('/p')).to.deep.include({ part: new Set(['bob', 'eve']), left: undefined });
    expect(paths.get('/p')?.was.hash).to.equal('passwd');
    expect(paths.get('/cut')?.left).to.equal(undefined);
    expect(units).to.deep.equal([
      { name: 'u.service', enabled: 'enabled', active: 'active', renewed: 'restart' },
    ]);
  });

  it('is read from a log of any kind of damage', async () => {
    await using folder = temporaryFolder();
    const state = join(folder.path, 'state');
    mkdirSync(join(state, 'undo'), { recursive: true });
    const sound = JSON.stringify({ about: 'path', path: '/a', was: { kind: 'absent' } });
    const damage = [
      'null',
      '7',
      '[]',
      '{}',
      '{"about":"constructor"}',
      '{"about":"path","path":"/b"}',
      '{"about":"path","path":"/b","was":{"kind":"soup"}}',
      '{"about":"path","label":"/b","note":"../../etc/passwd"}',
      '{"about":"unit","name":"x"}',
      '{"about":"left","path":"/never","now":{"kind":"absent"}}',
      '\u0000\u0000',
    ];
    writeFileSync(join(state, 'undo/one.ndjson'), [...damage, sound, '{"about":"pa'].join('\n'));
    const undo = readUndo(state, 'one')!;
    expect([...undo.paths.keys()]).to.deep.equal(['/a']);
    expect(undo.lost).to.include('1 line of the log is damaged; what was told there stays as it is.');
    writeFileSync(join(state, 'undo/two.ndjson'), '');
    expect(undoneRuns(state)).to.deep.equal(['one', 'two']);
    expect(readUndo(state, 'two')).to.deep.include({ units: [], commands: [], lost: [] });
  });
});
