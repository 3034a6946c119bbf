import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import state from '../../../engine/modules/test/configurable_test_state.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const done = { kind: 'simulate', outcome: 'done', comment: 'This is a test' };

stateTester('test.configurable_test_state', state, [
  { title: 'changes and succeeds unless told', args: {}, expects: { changes: ['testing'], effects: [done] } },
  {
    title: 'may change nothing',
    args: { changes: false },
    expects: { changes: [], comment: 'This is a test' },
  },
  {
    title: 'warns',
    args: { changes: false, warnings: 'careful', comment: 'so' },
    expects: { changes: [], comment: 'so', warnings: ['careful'] },
  },
  {
    title: 'fails in a dry run where that is asked for',
    args: { changes: false, result: false, allow_test_mode_failure: true },
    expects: { failed: 'This is a test' },
  },
  {
    title: 'refuses other words',
    args: { changes: 'perhaps' },
    expects: { refused: /"changes" is neither/ },
  },
]);

describe('test.configurable_test_state, dry runs', () => {
  it('hides a failure that nobody could foresee', async () => {
    await using stage = await hostOf({});
    const args = { changes: false, result: false };
    expect((await applyTo(stage.host, state, args)).failed).to.equal('This is a test');
    expect((await applyTo(createOverlay(stage.host), state, args)).failed).to.equal(undefined);
  });

  it('draws Random from the name, the same each time, and both ways', async () => {
    await using stage = await hostOf({});
    const drawn = new Set<number>();
    for (let number = 0; number < 32; number++) {
      const args = { name: `n${number}`, changes: 'Random' };
      const { steps } = await applyTo(stage.host, state, args);
      expect((await applyTo(stage.host, state, args)).steps).to.deep.equal(steps);
      drawn.add(steps.length);
    }
    expect([...drawn].sort()).to.deep.equal([0, 1]);
  });
});
