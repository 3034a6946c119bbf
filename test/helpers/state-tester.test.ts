import { expect } from 'chai';
import { type AnyState, defineState } from '../../engine/core/state.ts';
import { type StateCase, stateTester } from './state-tester.ts';

const state: AnyState = defineState({
  summary: 'the file holds its name',
  properties: {},
  examples: [],
  read: (args, reader) => reader.content(args.name)?.toString(),
  plan(args, now) {
    if (now === args.name) return [];
    const effect = { kind: 'write', path: args.name, content: Buffer.from(args.name) } as const;
    return [{ change: { subject: 'content', old: now, new: args.name }, effect }];
  },
});

stateTester('a state that is right', state, [
  { title: 'missing', args: { name: '/f' }, expects: { changes: ['content'], files: { '/f': '/f' } } },
  { title: 'there', args: { name: '/f' }, host: { files: { '/f': '/f' } }, expects: { changes: [] } },
]);

describe('the state tester', () => {
  function refused(...cases: Partial<StateCase>[]): () => void {
    const full = cases.map((one) => ({ title: 'x', args: {}, expects: { changes: [] }, ...one }));
    return () => stateTester('sloppy', state, full);
  }

  it('refuses cases that expect too little', () => {
    expect(refused()).to.throw('has no cases');
    expect(refused({ expects: {} })).to.throw('expects exactly one of');
    expect(refused({ expects: { changes: [], refused: 'x' } })).to.throw('expects exactly one of');
    expect(refused({ expects: { changes: ['content'] } })).to.throw('changes something');
    expect(refused({}, {})).to.throw('has two cases "x"');
  });
});
