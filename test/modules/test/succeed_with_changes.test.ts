import { expect } from 'chai';
import state from '../../../engine/modules/test/succeed_with_changes.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('test.succeed_with_changes', state, [
  {
    title: 'claims a change each time',
    args: {},
    expects: { changes: ['testing'], effects: [{ kind: 'simulate', outcome: 'done', comment: 'Success!' }] },
  },
  {
    title: 'says what it was told to say',
    args: { comment: 'Well.' },
    expects: { changes: ['testing'], effects: [{ kind: 'simulate', outcome: 'done', comment: 'Well.' }] },
  },
]);

describe('test.succeed_with_changes, watching', () => {
  it('does not react once it changed something itself', () => {
    const taken = [{ effect: { kind: 'simulate', outcome: 'done' } as const }];
    expect(state.react!({ name: 'x' }, undefined, taken)).to.deep.equal([]);
  });
});
