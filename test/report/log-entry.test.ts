import { expect } from 'chai';
import { type LoggedRun, logEntry } from '../../engine/report/log-entry.ts';
import { summary } from './recorded.ts';

const run: LoggedRun = {
  run: '20260131-110000-7',
  command: ['apply', 'web'],
  cause: 'schedule',
  exit: 0,
  summary: summary({ total: 3, unchanged: 3 }),
  owed: 0,
  failed: [],
  diagnostics: [],
};

describe('a line for the system log', () => {
  it('is a sentence, with what it says as fields', () => {
    const { message, priority, fields } = logEntry({ ...run, revision: 'abc' });
    expect(message).to.equal(
      'apply web (schedule): 3 states in 13 ms: 3 unchanged, 0 changed, 0 failed, 0 skipped',
    );
    expect(priority).to.equal(6);
    expect(fields).to.deep.equal({
      CONVERGE_RUN: '20260131-110000-7',
      CONVERGE_COMMAND: 'apply web',
      CONVERGE_CAUSE: 'schedule',
      CONVERGE_EXIT: '0',
      CONVERGE_TOTAL: '3',
      CONVERGE_UNCHANGED: '3',
      CONVERGE_CHANGED: '0',
      CONVERGE_CORRECTED: '0',
      CONVERGE_FAILED: '0',
      CONVERGE_SKIPPED: '0',
      CONVERGE_NOT_TRIED: '0',
      CONVERGE_OWED: '0',
      CONVERGE_DURATION_MS: '13',
      CONVERGE_REVISION: 'abc',
    });
  });

  it('weighs more the worse it went, and names what failed', () => {
    expect(logEntry({ ...run, summary: summary({ total: 1, changed: 1 }) }).priority).to.equal(5);
    const failed = ['a.b 1', 'a.b 2', 'a.b 3', 'a.b 4', 'a.b 5'];
    const { message, priority } = logEntry({
      ...run,
      exit: 143,
      summary: summary({ total: 5, failed: 5, not_tried: 2, stopped_by: 'SIGTERM' }),
      failed,
    });
    expect(priority).to.equal(3);
    expect(message).to.match(
      /5 failed, 0 skipped, 2 not tried; stopped by SIGTERM; failed: a\.b 1, a\.b 2, a\.b 3 and 2 more$/,
    );
  });

  it('says why there was no run', () => {
    const diagnostics = [
      { code: 'bad-id', message: 'An ID\nis odd.' },
      { code: 'bad-id', message: 'Another.' },
    ] as const;
    const { message, priority, fields } = logEntry({ ...run, exit: 3, summary: undefined, diagnostics });
    expect(message).to.equal('apply web (schedule): it did not compile: An ID\\nis odd. (and 1 more)');
    expect([priority, fields['CONVERGE_TOTAL']]).to.deep.equal([3, '0']);
    expect(logEntry({ ...run, exit: 70, summary: undefined }).message).to.match(/: it broke off$/);
  });

  it('is one line of bounded length, whatever is in it', () => {
    const odd = '\nCONVERGE_EXIT=0\n\x00\x1b]0;x\ud800';
    const { message, fields } = logEntry({
      ...run,
      command: [odd, 'x'.repeat(10_000)],
      cause: odd,
      failed: [odd],
      revision: odd,
    });
    for (const text of [message, ...Object.values(fields)]) {
      expect(text.length).to.be.at.most(900);
      expect(text).to.match(/^[^\n\x00-\x1f\ud800-\udfff]*$/);
    }
  });
});
