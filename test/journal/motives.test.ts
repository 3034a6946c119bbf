/** Motives by what a state is: most tell something of the host when they change it, some do not. */
import { expect } from 'chai';
import type { Runnable } from '../../engine/core/chunk.ts';
import type { ChunkResult } from '../../engine/core/event.ts';
import { type AnyState, defineState } from '../../engine/core/state.ts';
import { Motives } from '../../engine/journal/motives.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const plain = defineState({
  summary: 'it is so',
  properties: {},
  examples: [],
  read: () => 0,
  plan: () => [],
});

/** Why a state of this kind changed something when it was never seen before. */
async function motiveOf(definition: AnyState): Promise<string | undefined> {
  await using folder = temporaryFolder();
  const identity = { id: 'a', state: 'x', fun: 'y', name: 'a', sls: 'web' };
  const runnable = {
    chunk: identity,
    definition,
    args: { name: 'a' },
    requisites: {},
  } as unknown as Runnable;
  const motives = new Motives({
    folder: folder.path,
    tree: ['/tree'],
    order: { states: [runnable], listenings: [] },
    top: true,
    dry: false,
    version: '1',
    key: Buffer.alloc(32),
    now: () => 7,
    mask: (text) => text,
    flapping: 4,
    isAbsent: async () => true,
    suspects: async () => [],
    takenBack: () => undefined,
  });
  const result = { ...identity, verdict: 'changed', result: true } as unknown as ChunkResult;
  return motives.finish(runnable, result).motive;
}

describe('motives', () => {
  it('tell something of the host', async () => {
    expect(await motiveOf(plain)).to.equal('first');
  });

  it('tell nothing where something is done again and again, or renewed from time to time', async () => {
    expect(await motiveOf({ ...plain, repeats: true })).to.equal(undefined);
    expect(await motiveOf({ ...plain, renews: true })).to.equal(undefined);
  });
});
