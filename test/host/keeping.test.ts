/** What the local host has kept before it changes anything. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Effect } from '../../engine/core/host.ts';
import type { Note } from '../../engine/core/undo.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createUndoLog, type UndoLog, type UndoLogOptions } from '../../engine/journal/undo-log.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';

/** A host that keeps what it replaces in `state`, and what it noted. */
function keepingHost(folder: TemporaryFolder, options: Partial<UndoLogOptions> = {}) {
  const troubles: string[] = [];
  let asked = 0;
  let log: UndoLog | undefined;
  const host = createLocalHost({
    keeper: async () => {
      asked += 1;
      log = createUndoLog({
        folder: join(folder.path, 'state'),
        run: 'one',
        began: 1,
        size: 2 ** 20,
        runs: 10,
        strict: false,
        mask: (text) => text,
        onTrouble: (message) => troubles.push(message),
        ...options,
      });
      return log;
    },
  });
  const file = join(folder.path, 'state/undo/one.ndjson');
  /** Of which some wait to be written with the next. */
  function notes(): Note[] {
    if (log && !options.strict) log.write([]);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Note).filter(({ about }) => about !== 'run');
  }
  async function perform(...effects: Effect[]): Promise<string[]> {
    const became: string[] = [];
    for (const effect of effects) {
      const performed = await host.perform(effect);
      became.push(performed.became === 'failed' ? performed.reason : performed.became);
    }
    return became;
  }
  return { perform, notes, troubles, asked: () => asked };
}

function pathsIn(notes: readonly Note[], about: 'path' | 'left'): string[] {
  return notes.flatMap((note) => (note.about === about ? [note.path] : []));
}

describe('a host that keeps what it replaces', () => {
  it('opens nothing before there is something to change', async () => {
    await using folder = temporaryFolder();
    const { perform, asked } = keepingHost(folder);
    await perform(
      { kind: 'environ', set: { A: 'b' } },
      { kind: 'remember', topic: 'x', values: [] },
      { kind: 'simulate', outcome: 'done' },
    );
    expect(asked()).to.equal(0);
    expect(existsSync(join(folder.path, 'state'))).to.equal(false);
    await perform(
      { kind: 'directory', path: join(folder.path, 'd') },
      { kind: 'directory', path: join(folder.path, 'e') },
    );
    expect(asked()).to.equal(1);
  });

  it('notes a path by where it really lies, and what it is once, however often it changes', async () => {
    await using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'real'));
    symlinkSync('real', join(folder.path, 'link'));
    const { perform, notes } = keepingHost(folder);
    const path = join(folder.path, 'link/file');
    for (const text of ['one', 'two', 'three'])
      await perform({ kind: 'write', path, content: Buffer.from(text) });
    await perform({ kind: 'attributes', path: join(folder.path, 'real/file'), mode: 0o600 });
    const real = join(folder.path, 'real/file');
    expect(pathsIn(notes(), 'path')).to.deep.equal([real]);
    expect(pathsIn(notes(), 'left')).to.deep.equal([real, real, real, real]);
    expect(notes().at(0)).to.deep.include({ was: { kind: 'absent' } });
  });

  it('notes a tree that moves at both of its places', async () => {
    await using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'a/sub'), { recursive: true });
    writeFileSync(join(folder.path, 'a/sub/file'), 'text');
    const { perform, notes } = keepingHost(folder);
    const at = (name: string) => join(folder.path, name);
    await perform({ kind: 'move', from: at('a'), path: at('b') });
    const both = ['a', 'a/sub', 'a/sub/file', 'b', 'b/sub', 'b/sub/file'].map(at);
    expect(pathsIn(notes(), 'path').sort()).to.deep.equal(both);
    await perform({ kind: 'remove', path: at('b') });
    const left = new Map(
      notes().flatMap((note) => (note.about === 'left' ? [[note.path, note.now.kind] as const] : [])),
    );
    for (const path of both.filter((one) => one.startsWith(at('b')))) {
      expect(left.get(path), path).to.equal('absent');
    }
  });

  it('keeps the files of which a command says that it changes them, and what else it says', async () => {
    await using folder = temporaryFolder();
    const users = join(folder.path, 'users');
    writeFileSync(users, 'bob:1\neve:2\n');
    const { perform, notes } = keepingHost(folder);
    const script = (text: string) => ({ argv: [text], shell: '/bin/sh' });
    await perform({
      kind: 'exec',
      command: script(`sed -i s/bob:1/bob:9/ ${users}`),
      settles: [{ about: 'record', file: users, key: 'bob', record: 'bob:9' }],
      foreseen: true,
    });
    const [before, after] = notes();
    expect(before).to.deep.include({ about: 'path', path: users, part: { records: ['bob'] } });
    expect(after?.about === 'left' && Object.keys(after.records ?? {})).to.deep.equal(['bob']);
    const told = async (effect: Partial<Effect & { kind: 'exec' }>): Promise<Note[]> => {
      const known = notes().length;
      await perform({ kind: 'exec', command: script('true'), ...effect });
      return notes().slice(known);
    };
    expect(await told({})).to.deep.equal([{ about: 'lost', what: 'What "true" did is not undone.' }]);
    expect(await told({ foreseen: true }), 'nothing of it can be seen').to.deep.equal([]);
    expect(await told({ settles: [{ about: 'package', name: 'vim', version: '9' }] })).to.deep.equal([
      { about: 'lost', what: 'The package vim was installed or changed (9), and stays so.' },
    ]);
    const kernel = { kind: 'write', path: '/proc/sys/x', content: Buffer.from('1') } as const;
    expect(
      await told({ foreseen: true, settles: [{ about: 'file', effect: kernel }] }),
      'no copy of a kernel setting',
    ).to.have.lengthOf(1);
    const [undo] = await told({ undo: { argv: ['back', 'to'], stdin: 'before' } });
    expect(undo).to.deep.include({ about: 'command', label: 'back to' });
    const object = undo?.about === 'command' ? undo.object : '';
    expect(JSON.parse(readFileSync(join(folder.path, 'state/objects', object), 'utf8'))).to.deep.equal({
      back: { argv: ['back', 'to'], stdin: Buffer.from('before').toString('base64') },
      forth: script('true'),
    });
  });

  it('goes on where nothing can be kept, and says so once; where it is strict it changes nothing', async () => {
    await using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a'), 'old');
    writeFileSync(join(folder.path, 'b'), 'old');
    mkdirSync(join(folder.path, 'state'));
    writeFileSync(join(folder.path, 'state/objects'), 'in the way');
    const write = (name: string): Effect => ({
      kind: 'write',
      path: join(folder.path, name),
      content: Buffer.from('new'),
    });
    const strict = keepingHost(folder, { strict: true });
    const [refused] = await strict.perform(write('a'));
    expect(refused).to.match(/a is left as it is: it cannot be kept: /);
    expect(readFileSync(join(folder.path, 'a'), 'utf8')).to.equal('old');
    const { perform, troubles, notes } = keepingHost(folder);
    expect(await perform(write('a'), write('b'))).to.deep.equal(['done', 'done']);
    expect(troubles).to.have.lengthOf(1);
    expect(notes().filter(({ about }) => about === 'lost')).to.have.lengthOf(2);
  });

  it('says nothing more than the effect itself where a path cannot be reached', async () => {
    await using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    const { perform, troubles, notes } = keepingHost(folder);
    const [failed] = await perform({
      kind: 'write',
      path: join(folder.path, 'file/below'),
      content: Buffer.alloc(0),
    });
    expect(failed).to.match(/file\/below cannot be/);
    expect(troubles).to.deep.equal([]);
    expect(notes()).to.deep.equal([]);
  });
});
