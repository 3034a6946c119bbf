import { expect } from 'chai';
import state from '../../../engine/modules/cmd/wait_script.ts';
import { argumentsOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

stateTester('cmd.wait_script', state, [
  {
    title: 'does nothing by itself',
    sources: { 'a.sh': 'true' },
    args: { name: 'salt://a.sh' },
    expects: { changes: [], comment: '' },
  },
]);

describe('cmd.wait_script, watching', () => {
  it('runs when something it watches changed', async () => {
    await using stage = await hostOf({
      sources: { 'a.sh': 'true' },
    });
    const args = argumentsOf(state, { name: 'salt://a.sh' });
    const now = await state.read(args, stage.host, { id: 'i', sls: 's' });
    const plan = state.react!(args, now, []);
    expect(plan).to.have.length(1);
    expect(plan).to.have.nested.property('[0].effect.kind', 'exec');
    expect(state.react!(args, now, plan as never)).to.deep.equal([]);
  });
});
