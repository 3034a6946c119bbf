import { expect } from 'chai';
import state from '../../../engine/modules/environ/setenv.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const environment = { A: 'old', B: 'b' };

stateTester('environ.setenv', state, [
  {
    title: 'sets a variable',
    host: { environment },
    args: { name: 'A', value: 'new' },
    expects: { changes: ['A'], environment: { A: 'new', B: 'b' } },
  },
  {
    title: 'leaves one that is so already',
    host: { environment },
    args: { name: 'A', value: 'old' },
    expects: { changes: [] },
  },
  {
    title: 'empties by false',
    host: { environment },
    args: { name: 'A', value: false },
    expects: { changes: ['A'], environment: { A: '' } },
  },
  {
    title: 'removes by false',
    host: { environment },
    args: { value: { A: false, C: 3, none: false }, false_unsets: true },
    expects: { changes: ['A', 'C'], environment: { A: undefined, C: '3', none: undefined } },
  },
  {
    title: 'clears all others',
    host: { environment },
    args: { value: { A: 'old' }, clear_all: true, false_unsets: true },
    expects: { changes: ['PATH', 'B'], environment: { A: 'old', B: undefined } },
  },
  { title: 'refuses true', args: { name: 'A', value: true }, expects: { refused: /neither text nor false/ } },
  {
    title: 'refuses odd names',
    args: { name: 'A=B', value: 'x' },
    expects: { refused: /name of a variable/ },
  },
  { title: 'refuses NUL', args: { name: 'A', value: 'a\0b' }, expects: { refused: /NUL/ } },
]);

describe('environ.setenv, later commands', () => {
  it('is seen by them', async () => {
    await using stage = await hostOf({});
    await applyTo(stage.host, state, { name: 'GREETING', value: 'hello' });
    const { stdout } = await stage.host.probe({ argv: ['printenv', 'GREETING'], belowRoot: true });
    expect(stdout).to.equal('hello\n');
  });
});
