/** The memory of what was applied: what comes back is what was written, bounded, and damage harms nobody. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Applied,
  readHead,
  readMemory,
  stateKey,
  type TreeMemory,
  writeMemory,
} from '../../engine/journal/applied.ts';
import { temporaryFolder } from '../helpers/folders.ts';

function state(name: string, more: Partial<Applied> = {}): Applied {
  const absent = { state: 'file.absent', args: { name } };
  const owns = [{ kind: 'file', name, absent, made: true as const }];
  return { state: 'file', fun: 'managed', id: name, name, sls: 'web', intent: 'x', owns, at: 1, ...more };
}

function memoryOf(root: string, states: readonly Applied[]): TreeMemory {
  const known = new Map(states.map((one) => [stateKey(one), one]));
  return { roots: [root], settled: ['a/b'], states: known, leftovers: [] };
}

describe('the memory of what was applied', () => {
  it('comes back as it was, whatever is in a name', async () => {
    await using folder = temporaryFolder();
    const names = ['/a', '/new\nline', '/"quoted"', '/«x #1234»', '/ü\u2028'];
    const memory = memoryOf(
      '/tree',
      names.map((name) => state(name, { top: true, corrected: [1, 2] })),
    );
    const { sls, owns, at, ...author } = state('/gone');
    memory.leftovers = [{ ...author, sls, at, thing: owns[0]!, since: 5 }];
    writeMemory(folder.path, [memory]);
    expect(readHead(folder.path)).to.deep.equal([{ roots: ['/tree'], settled: ['a/b'], leftovers: 1 }]);
    const [read] = readMemory(folder.path);
    expect(read?.states).to.deep.equal(memory.states);
    const { intent: _, ...left } = memory.leftovers[0] as never as { intent: string };
    expect(read?.leftovers[0]).to.deep.include(left);
  });

  it('is for its owner alone', async () => {
    await using folder = temporaryFolder();
    const place = join(folder.path, 'state');
    writeMemory(place, [memoryOf('/tree', [])]);
    expect(statSync(place).mode & 0o777).to.equal(0o700);
    expect(statSync(join(place, 'applied.ndjson')).mode & 0o777).to.equal(0o600);
  });

  it('tells a file that is damaged from one that is not there', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'applied.ndjson');
    expect(readHead(folder.path)).to.equal(undefined);
    expect(readMemory(folder.path)).to.deep.equal([]);
    const newer = '{"version":2,"trees":[]}\n';
    for (const text of [
      '',
      '{',
      'null\n',
      '{"version":1}\n',
      newer,
      '{"version":1,"trees":[null]}\n',
      '\0'.repeat(99),
    ]) {
      writeFileSync(file, text);
      expect(readHead(folder.path), text).to.equal('damaged');
      expect(readMemory(folder.path), text).to.deep.equal([]);
    }
  });

  it('passes over lines that make no sense, and keeps the others', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'applied.ndjson');
    writeMemory(folder.path, [memoryOf('/tree', [state('/a'), state('/b'), state('/c')])]);
    const [head, a, ...others] = readFileSync(file, 'utf8').split('\n');
    const odd = [
      a!.replace('"at":1', '"at":"x"'),
      a!.replace('"tree":0', '"tree":7'),
      a!.slice(0, 50),
      '[]',
      '3',
    ];
    const worse = [a!.replace('"kind"', '"sort"'), a!.replace('"state":"file.absent"', '"state":1')];
    writeFileSync(file, [head, ...odd, ...worse, ...others].join('\n'));
    expect([...readMemory(folder.path)[0]!.states.values()].map(({ name }) => name)).to.deep.equal([
      '/b',
      '/c',
    ]);
  });

  it('reads a first line of any length', async () => {
    await using folder = temporaryFolder();
    const long = `/${'ü'.repeat(40_000)}`;
    writeMemory(folder.path, [memoryOf(long, [state('/a')])]);
    expect(readHead(folder.path)).to.deep.equal([{ roots: [long], settled: ['a/b'], leftovers: 0 }]);
  });

  it('is bounded: by trees, by what is left, and by what only apply named', async () => {
    await using folder = temporaryFolder();
    const many = Array.from({ length: 5001 }, (_, at) => state(`/${at}`, { at }));
    const memory = memoryOf('/0', [...many, state('/top', { at: 0, top: true })]);
    const { sls, owns, at, ...author } = state('/gone');
    memory.leftovers = Array.from({ length: 1001 }, (_, since) => ({
      ...author,
      sls,
      at,
      thing: owns[0]!,
      since,
    }));
    const others = Array.from({ length: 9 }, (_, tree) => memoryOf(`/${tree + 1}`, []));
    writeMemory(folder.path, [memory, ...others]);
    const read = readMemory(folder.path);
    expect(read.map(({ roots }) => roots[0])).to.deep.equal(['/0', '/1', '/2', '/3', '/4', '/5', '/6', '/7']);
    expect(read[0]?.states.size).to.equal(5001);
    expect(read[0]?.states.has(stateKey(state('/0'))), 'the oldest went').to.equal(false);
    expect(read[0]?.states.has(stateKey(state('/top')))).to.equal(true);
    expect(read[0]?.leftovers.map(({ since }) => since)[0]).to.equal(1);
  });

  it('that cannot be written leaves the old one', async () => {
    await using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'state'), 'no folder');
    expect(() => writeMemory(join(folder.path, 'state'), [])).to.throw();
    expect(existsSync(join(folder.path, 'state.new'))).to.equal(false);
  });
});
