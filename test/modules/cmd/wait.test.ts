import { expect } from 'chai';
import state from '../../../engine/modules/cmd/wait.ts';
import { argumentsOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

stateTester('cmd.wait', state, [
  {
    title: 'does nothing by itself',
    args: { name: 'true' },
    expects: { changes: [], comment: '' },
  },
]);

describe('cmd.wait, watching', () => {
  it('runs when something it watches changed', async () => {
    await using stage = await hostOf({});
    const args = argumentsOf(state, { name: 'true' });
    const now = await state.read(args, stage.host, { id: 'i', sls: 's' });
    const plan = state.react!(args, now, []);
    expect(plan).to.have.length(1);
    expect(plan).to.have.nested.property('[0].effect.kind', 'exec');
    expect(state.react!(args, now, plan as never)).to.deep.equal([]);
  });
});
