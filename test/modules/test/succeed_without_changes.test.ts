import { expect } from 'chai';
import state from '../../../engine/modules/test/succeed_without_changes.ts';
import { stateTester } from '../../helpers/state-tester.ts';

stateTester('test.succeed_without_changes', state, [
  { title: 'does nothing', args: {}, expects: { changes: [], comment: 'Success!' } },
  { title: 'takes any argument', args: { anything: [1] }, expects: { changes: [], comment: 'Success!' } },
]);

describe('test.succeed_without_changes, watching', () => {
  it('reports a change when something it watches changed', () => {
    expect(state.react!({ name: 'x' }, undefined, [])).to.have.length(1);
  });
});
