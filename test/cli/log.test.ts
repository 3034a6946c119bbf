/** The log goes to stderr, as far as was asked for, one line each. */
import { expect } from 'chai';
import { createLog } from '../../engine/cli/log.ts';
import { stage } from '../helpers/cli.ts';

function said(limit: string): string {
  let text = '';
  const log = createLog(limit, { write: (more) => void (text += more) });
  for (const level of ['error', 'warning', 'info', 'debug', 'trace'] as const) log(level, 'x');
  return text;
}

describe('log', () => {
  for (const [limit, wanted] of [
    ['quiet', ''],
    ['error', 'error: x\n'],
    ['info', 'error: x\nwarning: x\ninfo: x\n'],
    ['trace', 'error: x\nwarning: x\ninfo: x\ndebug: x\ntrace: x\n'],
  ] as const) {
    it(`tells up to ${limit}`, () => expect(said(limit)).to.equal(wanted));
  }

  it('keeps a message on its line', () => {
    let text = '';
    createLog('info', { write: (more) => void (text += more) })('info', 'a\nb');
    expect(text).to.equal('info: a\\nb\n');
  });

  it('names the processes a run starts, at debug', async () => {
    await using here = stage({ 'states/main.sls': 'a: {cmd.run: [{name: "true"}, {below_root: true}]}\n' });
    const { stderr } = await here.run('apply', 'main', '--log-level', 'debug');
    expect(stderr).to.match(/^info: 1 states to converge\ndebug: started .*true.* \(pid \d+\)\n$/);
    expect((await here.run('apply', 'main')).stderr).to.equal('');
  });
});
