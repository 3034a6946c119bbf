import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { Trouble } from '../../../engine/core/diagnostic.ts';
import definition from '../../../engine/modules/loop/until.ts';
import { applyTo } from '../../helpers/apply.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { loopingHost } from './looping.ts';

stateTester('loop.until', definition, [
  {
    title: 'waits for what is not there, as the description says',
    args: {
      name: 'service.status',
      m_args: ['app'],
      condition: 'm_ret',
      period: 2,
      timeout: 20,
      backoff: 1.5,
    },
    host: { answers: {} },
    expects: { changes: ['await'], comment: /^Condition m_ret is not met now: / },
  },
]);

describe('loop.until', () => {
  const holds = async (condition: string, more: Record<string, unknown> = {}) => {
    await using stage = await loopingHost();
    const args = { name: 'cmd.run_stdout', m_args: ['echo one two'], condition, timeout: 0, ...more };
    const { steps, plan } = await applyTo(stage.host, definition, args);
    return steps.length === 0 ? true : (plan as { comment: string }).comment;
  };

  it('judges the answer by an expression', async () => {
    expect(await holds("m_ret == 'one two'")).to.equal(true);
    expect(await holds('(m_ret.split() | length) == 2 and "one" in m_ret')).to.equal(true);
    expect(await holds('m_ret == 3')).to.equal(
      'Condition m_ret == 3 is not met now: cmd.run_stdout gives one two.',
    );
  });

  it("understands Python's names of the constants", async () => {
    const status = { name: 'cmd.retcode', m_args: ['true'] };
    expect(await holds('m_ret is not None and m_ret is not True', status)).to.equal(true);
    expect(await holds('m_ret == 0 and True', status)).to.equal(true);
    const quoted = { m_args: ['echo it is True'] };
    expect(await holds('m_ret == "it is True"', quoted)).to.equal(true);
    expect(await holds("m_ret == 'it is True'", quoted)).to.equal(true);
  });

  it('passes arguments by name', async () => {
    const more = { m_args: ['echo $WORD'], m_kwargs: { python_shell: true, env: { WORD: 'x y' } } };
    expect(await holds("m_ret == 'x y'", more)).to.equal(true);
  });

  it('takes an error for an answer', async () => {
    expect(await holds('m_ret.a.b > 1')).to.match(/not met now: 'str object' has no attribute 'a'\.$/);
    expect(await holds('m_ret', { name: 'file.stats', m_args: ['/none'] })).to.match(
      /There is no file \/none/,
    );
  });

  it('fails for what can never be asked', async () => {
    for (const more of [{ name: 'no.such' }, { condition: 'm_ret =' }]) {
      const thrown = await holds('m_ret', more).catch((error) => error);
      expect(thrown, JSON.stringify(more)).to.be.instanceOf(Trouble);
    }
  });

  it('calls the function anew each time, and in every state', async () => {
    await using stage = await loopingHost();
    const file = `${stage.folder}/counter`;
    const count = `echo x >> ${file}; wc -l < ${file}`;
    const args = {
      name: 'cmd.shell',
      m_args: [count],
      condition: '(m_ret | int) >= 3',
      period: 0.05,
      timeout: 10,
    };
    const { performed } = await applyTo(stage.host, definition, args);
    expect(performed).to.deep.equal([{ became: 'done', comment: 'Reached after 2 looks: met.' }]);
  });

  it('notices what changes meanwhile, and tells the last answer', async () => {
    await using stage = await loopingHost();
    const file = `${stage.folder}/ready`;
    const args = { name: 'file.file_exists', m_args: [file], condition: 'm_ret', period: 0.05, timeout: 10 };
    const waited = applyTo(stage.host, definition, args);
    setTimeout(() => writeFileSync(file, ''), 100);
    expect((await waited).performed).to.have.nested.property('[0].became', 'done');
    const failing = { ...args, m_args: [`${file}-not`], timeout: 0.2 };
    expect((await applyTo(stage.host, definition, failing)).failed).to.match(
      /^It was not reached within 0.2 seconds \(\d looks\); the last answer: file.file_exists gives False\.$/,
    );
  });
});
