/** The log goes to stderr, as far as was asked for, one line each. */
import { expect } from 'chai';
import { createLog } from '../../engine/cli/log.ts';
import { sink, stage } from '../helpers/cli.ts';

function said(limit: string): string {
  const stderr = sink();
  const log = createLog(limit, stderr);
  for (const level of ['error', 'warning', 'info', 'debug', 'trace'] as const) log(level, 'x');
  return stderr.text;
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
    const stderr = sink();
    createLog('info', stderr)('info', 'a\nb');
    expect(stderr.text).to.equal('info: a\\nb\n');
  });

  it('names the processes a run starts, at debug', async () => {
    await using here = stage({ 'states/main.sls': 'a: {cmd.run: [{name: "true"}, {below_root: true}]}\n' });
    const { stderr } = await here.run('apply', 'main', '--log-level', 'debug');
    expect(stderr).to.match(/^info: 1 states to converge\ndebug: started .*true.* \(pid \d+\)\n$/);
    expect((await here.run('apply', 'main')).stderr).to.equal('');
  });
});
