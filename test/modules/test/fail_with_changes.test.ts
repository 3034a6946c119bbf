import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import state from '../../../engine/modules/test/fail_with_changes.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf } from '../../helpers/state-tester.ts';

describe('test.fail_with_changes', () => {
  it('claims a change, then fails', async () => {
    await using stage = await hostOf({});
    const { performed, steps, failed } = await applyTo(stage.host, state, {});
    expect(steps[0]!.change!.subject).to.equal('testing');
    expect(performed.map(({ became }) => became)).to.deep.equal(['done', 'failed']);
    expect(failed).to.equal('Failure!');
  });

  it('shows only the change in a dry run', async () => {
    await using stage = await hostOf({});
    const { performed } = await applyTo(createOverlay(stage.host), state, { comment: 'Oh.' });
    expect(performed.map(({ became }) => became)).to.deep.equal(['predicted', 'done']);
  });
});
