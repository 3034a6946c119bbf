import { expect } from 'chai';
import { Trouble } from '../../../engine/core/diagnostic.ts';
import { stepsOf } from '../../../engine/core/state.ts';
import definition from '../../../engine/modules/loop/until_no_eval.ts';
import { applyTo, planOf } from '../../helpers/apply.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { loopingHost } from './looping.ts';

stateTester('loop.until_no_eval', definition, [
  {
    title: 'waits for what is not there, as the description says',
    args: { name: 'cmd.retcode', args: ['false'], expected: 0, timeout: 20, init_wait: 3 },
    host: { answers: {} },
    expects: { changes: ['await'], comment: /^Condition cmd.retcode eq 0 is not met now: / },
  },
]);

describe('loop.until_no_eval', () => {
  const holds = async (given: Record<string, unknown>) => {
    await using stage = await loopingHost();
    const { plan } = await planOf(definition, given, stage.host);
    return stepsOf(plan as never).length === 0;
  };
  const three = { name: 'cmd.retcode', args: ['exit 3'], kwargs: { python_shell: true } };

  it('compares by the operators of Python', async () => {
    for (const [operator, expected, answer] of [
      ['eq', 3, true],
      ['eq', '3', false],
      ['ne', 3, false],
      ['lt', 4, true],
      ['le', 3, true],
      ['gt', 3, false],
      ['ge', 3, true],
    ] as const) {
      expect(
        await holds({ ...three, compare_operator: operator, expected }),
        `${operator} ${expected}`,
      ).to.equal(answer);
    }
    const text = { name: 'cmd.run_stdout', args: ['echo well done'] };
    expect(await holds({ ...text, compare_operator: 'contains', expected: 'done' })).to.equal(true);
  });

  it('compares lists and dicts whole', async () => {
    const all = { name: 'cmd.run_all', args: ['true'], expected: { retcode: 0 } };
    expect(await holds(all)).to.equal(false);
    const empty = { name: 'file.readdir', args: ['/proc/self/none'] };
    expect(await holds({ ...empty, expected: [] })).to.equal(false);
  });

  it('compares by a function', async () => {
    const paths = { name: 'cmd.run_stdout', args: ['echo /etc'], compare_operator: 'file.join' };
    expect(await holds({ ...paths, expected: 'passwd' })).to.equal(true);
    const unknown = await holds({ ...paths, expected: 1, compare_operator: 'no.such' }).catch(
      (error) => error,
    );
    expect(unknown).to.be.instanceOf(Trouble);
    const nonsense = await holds({ ...paths, expected: 1, compare_operator: 'isub' }).catch((error) => error);
    expect(nonsense).to.be.instanceOf(Trouble);
  });

  it('waits first only where there is something to wait for', async () => {
    await using stage = await loopingHost();
    const began = performance.now();
    expect(
      (await applyTo(stage.host, definition, { ...three, expected: 3, init_wait: 60 })).steps,
    ).to.have.length(0);
    const failing = { ...three, expected: 4, init_wait: 0.2, timeout: 0 };
    expect((await applyTo(stage.host, definition, failing)).failed).to.equal(
      'It was not reached; the last answer: cmd.retcode gives 3.',
    );
    expect(performance.now() - began).to.be.within(200, 5000);
  });
});
