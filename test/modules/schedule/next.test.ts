import { expect } from 'chai';
import { cronFile, type Job, timerFiles } from '../../../engine/modules/schedule/_files.ts';
import { nextTime, timesInCron, timesInTimer } from '../../../engine/modules/schedule/_next.ts';

const job: Job = {
  title: '* * * * * root no job',
  command: 'converge highstate --cause schedule',
  user: 'root',
  splayKind: 'stable',
  persistent: false,
  seed: 'node\0self',
};

/** Local time, as cron and systemd have it. */
function next(cron: string, after: string): string[] {
  const file = cronFile({ ...job, cron }) as string;
  const files = timerFiles({ ...job, cron });
  if ('refused' in files) throw new Error(files.refused);
  return [timesInCron(file)!, timesInTimer(files.timer, files.service)].map((times) => {
    const at = nextTime(times, new Date(after))!;
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  });
}

describe('the next run of a job', () => {
  const cases: [cron: string, after: string, expected: string][] = [
    ['*/15 * * * *', '2026-03-01T10:14:59', '2026-03-01T10:15'],
    ['*/15 * * * *', '2026-03-01T10:15:00', '2026-03-01T10:30'],
    ['7-59/15 * * * *', '2026-12-31T23:53:00', '2027-01-01T00:07'],
    ['0 3 * * *', '2026-03-01T03:00:00', '2026-03-02T03:00'],
    ['30 6 * * mon-fri', '2026-03-06T07:00:00', '2026-03-09T06:30'],
    ['0 0 * * 7', '2026-03-02T00:00:00', '2026-03-08T00:00'],
    ['0 3 13 * 5', '2026-03-07T00:00:00', '2026-03-13T03:00'],
    ['0 3 14 * 5', '2026-03-07T00:00:00', '2026-03-13T03:00'],
    ['0 0 29 2 *', '2026-03-01T00:00:00', '2028-02-29T00:00'],
    ['@weekly', '2026-03-02T00:00:00', '2026-03-08T00:00'],
  ];
  for (const [cron, after, expected] of cases) {
    it(`is found in the files of ${cron}, after ${after}`, () => {
      expect(next(cron, after)).to.deep.equal([expected, expected]);
    });
  }

  it('is not known where there is none, or none that is ours', () => {
    expect(nextTime(timesInCron(cronFile({ ...job, cron: '0 0 31 2 *' }) as string)!, new Date())).to.equal(
      undefined,
    );
    expect(timesInCron('')).to.equal(undefined);
    expect(timesInCron('# 0 0 * * * root x\nA=1\n@reboot root x\n')).to.equal(undefined);
    const files = timerFiles({ ...job, calendar: 'Mon..Fri 06:30' });
    expect(files).to.have.property('timer');
    if ('timer' in files)
      expect(nextTime(timesInTimer(files.timer, files.service), new Date())).to.equal(undefined);
  });

  it('comes with the delay, the span and the command', () => {
    const stable = timesInCron(cronFile({ ...job, cron: '@daily', splay: '10min' }) as string)!;
    expect(stable.delay).to.be.within(0, 599);
    expect(stable.command).to.match(/converge highstate --cause schedule$/);
    const random = cronFile({ ...job, cron: '@daily', splay: 60, splayKind: 'random' }) as string;
    expect(timesInCron(random)!.delay).to.equal(60);
    const files = timerFiles({ ...job, every: '15min', splay: 60 });
    if (!('timer' in files)) throw new Error();
    const times = timesInTimer(files.timer, files.service);
    expect(times).to.deep.include({ every: 900, delay: 60, calendar: [] });
    expect(times.command).to.include('converge highstate --cause schedule');
    expect(nextTime(times, new Date(0))!.getTime()).to.equal(900_000);
  });
});
