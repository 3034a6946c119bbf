import { expect } from 'chai';
import { cronFile, type Job, namesOf, timerFiles } from '../../../engine/modules/schedule/_files.ts';
import { cronTime, secondsOf, timerLines } from '../../../engine/modules/schedule/_when.ts';
import present from '../../../engine/modules/schedule/present.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const timer = '/etc/systemd/system/converge-report.timer';
const service = '/etc/systemd/system/converge-report.service';
const cron = '/etc/cron.d/converge-report';
const report = { name: 'report', command: 'echo "$HOME" 50%', cron: '*/30 3 * * mon' };
const withSystemd = {
  '/run/systemd/system': { directory: true },
  '/etc/systemd/system': { directory: true },
  '/etc/cron.d': { directory: true },
} as const;
const withCron = { '/etc/cron.d': { directory: true } } as const;

const serviceText = `[Unit]
Description=report

[Service]
Type=oneshot
ExecStart=/bin/sh -c "echo \\"$$HOME\\" 50%%"
KillMode=process
TimeoutStopSec=900s
`;
const timerText = `[Unit]
Description=report

[Timer]
OnCalendar=Mon *-*-* 03:00,30:00
AccuracySec=1s

[Install]
WantedBy=timers.target
`;
const cronText = `# report
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
*/30 3 * * mon root echo "$HOME" 50\\%
`;
const up = { active: 'active', sub: 'waiting', enabled: 'enabled' };

stateTester('schedule.present', present, [
  {
    title: 'makes a timer where systemd runs and cron is not installed',
    args: report,
    host: { units: {}, files: withSystemd },
    expects: {
      changes: [service, timer, 'exec', 'enablement', 'state'],
      files: { [service]: { content: serviceText, mode: 0o644 }, [timer]: timerText, [cron]: null },
      units: { 'converge-report.timer': { active: 'active', enabled: 'enabled' } },
    },
  },
  {
    title: 'prefers cron where it is installed',
    args: report,
    host: { units: {}, files: { ...withSystemd, '/usr/sbin/cron': '' } },
    expects: { changes: [cron], files: { [cron]: cronText, [timer]: null } },
  },
  ...(
    [
      ['a span that cron does not know', { every: '7min' }],
      ['a calendar', { calendar: 'Mon..Fri 03:00' }],
      ['runs that were missed', { cron: '@daily', persistent: true }],
    ] as const
  ).map(([what, when]) => ({
    title: `makes a timer for ${what}, whether cron is installed or not`,
    args: { name: 'report', command: 'true', ...when },
    host: { units: {}, files: { ...withSystemd, '/usr/sbin/crond': '' } },
    expects: {
      changes: [service, timer, 'exec', 'enablement', 'state'],
      files: { [cron]: null },
      units: { 'converge-report.timer': { active: 'active', enabled: 'enabled' } },
    },
  })),
  {
    title: 'leaves a timer alone that is so',
    args: report,
    host: {
      units: { 'converge-report.timer': up },
      files: { ...withSystemd, [service]: serviceText, [timer]: timerText },
    },
    expects: { changes: [] },
  },
  {
    title: 'starts a timer anew that changed, and not where only the command did',
    args: { ...report, cron: undefined, every: '1h 30min' },
    host: {
      units: { 'converge-report.timer': up },
      files: { ...withSystemd, [service]: serviceText, [timer]: timerText },
    },
    expects: {
      changes: [timer, 'exec', 'state'],
      units: { 'converge-report.timer': { active: 'active' } },
    },
  },
  {
    title: 'writes the command anew',
    args: { ...report, command: 'true' },
    host: {
      units: { 'converge-report.timer': up },
      files: { ...withSystemd, [service]: serviceText, [timer]: timerText },
    },
    expects: { changes: [service, 'exec'], files: { [service]: serviceText.replace(/-c .*/, '-c "true"') } },
  },
  {
    title: 'makes a file of cron elsewhere',
    args: report,
    host: { files: withCron },
    expects: { changes: [cron], files: { [cron]: { content: cronText, mode: 0o644 }, [timer]: null } },
  },
  {
    title: 'goes from a timer to cron',
    args: { ...report, with: 'cron' },
    host: {
      units: { 'converge-report.timer': up },
      files: { ...withSystemd, [service]: serviceText, [timer]: timerText },
    },
    expects: {
      changes: ['state', 'enablement', timer, service, 'exec', cron],
      files: { [timer]: null, [service]: null, [cron]: cronText },
    },
  },
  {
    title: 'goes from cron to a timer',
    args: { ...report, with: 'timer' },
    host: { units: {}, files: { ...withSystemd, [cron]: cronText } },
    expects: {
      changes: [cron, service, timer, 'exec', 'enablement', 'state'],
      files: { [cron]: null, [timer]: timerText },
    },
  },
  {
    title: 'runs converge where it is',
    args: { name: 'self', converge: ['highstate', "it's"], cron: '@hourly', with: 'cron', splay: '10min' },
    grains: { id: 'web1' },
    host: { files: { ...withCron, '/usr/bin/converge': '' } },
    expects: {
      changes: ['/etc/cron.d/converge-self'],
      files: {
        '/etc/cron.d/converge-self': `# self
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
@hourly root sleep 102; /usr/bin/converge highstate 'it'\\''s' --output quiet --cause schedule
`,
      },
    },
  },
  {
    title: 'runs converge every quarter of an hour unless told, and leaves alone what is told',
    args: { name: 'self', converge: ['apply', 'site', '--output=json'], with: 'cron' },
    grains: { id: 'web1' },
    host: { files: withCron },
    expects: {
      changes: ['/etc/cron.d/converge-self'],
      files: {
        '/etc/cron.d/converge-self': `# self
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
1-59/15 * * * * root /usr/local/bin/converge apply site --output=json --cause schedule
`,
      },
    },
  },
  ...(
    [
      [{ name: 'x', cron: '@daily' }, /Exactly one of command and converge/],
      [{ name: 'x', command: 'y', converge: 'z', cron: '@daily' }, /Exactly one of command and converge/],
      [{ name: 'x', command: 'y' }, /Exactly one of cron, every and calendar/],
      [{ name: 'x', command: 'y', cron: '@daily', every: '1h' }, /Exactly one of cron/],
      [{ name: 'x', command: 'y\n* * * * * root evil', cron: '@daily' }, /newline/],
      [{ name: 'x\ny', command: 'y', cron: '@daily' }, /newline/],
      [{ name: 'x', command: 'y', cron: '@daily', user: 'ghost' }, /There is no user "ghost"/],
      [{ name: 'x', command: 'y', cron: '@daily', user: 'a b' }, /cannot be the name of a user/],
      [{ name: 'x', command: 'y', cron: '61 * * * *' }, /is no time of crontab/],
      [{ name: 'x', command: 'y', every: '7min' }, /cron cannot run anything every 7min/],
      [{ name: 'x', command: 'y', every: 'soon' }, /is no span of time/],
      [{ name: 'x', command: 'y', cron: '@daily', splay: 'long' }, /is no span of time/],
      [{ name: 'x', command: 'y', calendar: 'daily' }, /cron knows no calendar/],
      [{ name: 'x', command: 'y', cron: '@reboot', with: 'timer' }, /A timer has no @reboot/],
    ] as const
  ).map(([args, refused]) => ({
    title: `refuses ${JSON.stringify(args)}`,
    args,
    host: { users: {}, files: withCron, units: {} },
    expects: { refused },
  })),
  {
    title: 'refuses a machine with neither',
    args: report,
    host: {},
    expects: { refused: 'There is no /etc/cron.d here.' },
  },
  {
    title: 'asks systemd whether it takes the calendar',
    args: { name: 'x', command: 'y', calendar: 'daily' },
    host: {
      units: {},
      files: { ...withSystemd, '/usr/bin/systemd-analyze': '', '/bin/sh': '' },
      answers: { 'systemd-analyze calendar -- daily': '' },
    },
    expects: {
      changes: [
        '/etc/systemd/system/converge-x.service',
        '/etc/systemd/system/converge-x.timer',
        'exec',
        'enablement',
        'state',
      ],
      units: { 'converge-x.timer': { active: 'active' } },
    },
  },
]);

describe('schedule.present, times', () => {
  it('turns crontab times into calendars of systemd', () => {
    const cases: [string, string[]][] = [
      ['* * * * *', ['*-*-* *:*:00']],
      ['*/15 * * * *', ['*-*-* *:00,15,30,45:00']],
      ['5 0 1-3 jan,6 *', ['*-01,06-01,02,03 00:05:00']],
      ['0 3 * * 0,5-7', ['Sun,Fri,Sat *-*-* 03:00:00']],
      ['0 3 13 * 5', ['*-*-13 03:00:00', 'Fri *-*-* 03:00:00']],
      ['@weekly', ['Sun *-*-* 00:00:00']],
    ];
    for (const [cron, calendars] of cases) {
      expect(timerLines({ cron }), cron).to.deep.equal(calendars.map((one) => `OnCalendar=${one}`));
    }
    for (const cron of [
      '',
      '* * * *',
      '60 * * * *',
      '* * * * foo',
      '5-1 * * * *',
      '*/0 * * * *',
      '1,,2 * * * *',
    ]) {
      expect(timerLines({ cron }), cron).to.have.property('refused');
    }
  });

  it('turns spans into times of cron', () => {
    const cases = { '1min': '* * * * *', '15min': '*/15 * * * *', '1h': '0 * * * *', '6h': '0 */6 * * *' };
    for (const [every, cron] of Object.entries(cases)) expect(cronTime({ every })).to.equal(cron);
    expect(cronTime({ every: '1 day' })).to.equal('0 0 * * *');
    expect(cronTime({ every: 604800 })).to.equal('0 0 * * 0');
    expect(timerLines({ every: '90s' })).to.deep.equal(['OnActiveSec=90s', 'OnUnitActiveSec=90s']);
    expect(timerLines({ every: 0 })).to.have.property('refused');
  });

  it('spreads what is only given as a span, the same way each time', () => {
    const cases: [string, number, string][] = [
      ['1min', 7, '* * * * *'],
      ['15min', 22, '7-59/15 * * * *'],
      ['15min', 30, '*/15 * * * *'],
      ['1h', 61, '1 * * * *'],
      ['6h', 130, '10 2-23/6 * * *'],
      ['1d', 130, '10 2 * * *'],
      ['1w', 60 * 24 * 3 + 61, '1 1 * * 3'],
    ];
    for (const [every, spread, time] of cases) {
      expect(cronTime({ every, spread }), every).to.equal(time);
      expect(timerLines({ cron: time }), time).to.be.an('array');
    }
    expect(timerLines({ every: '90s', spread: 91 })).to.deep.equal(['OnActiveSec=2s', 'OnUnitActiveSec=90s']);
  });

  it('reads spans', () => {
    const cases = { '15min': 900, '1h 30min': 5400, '2 days': 172800, '90': 90, '1w': 604800, '': undefined };
    for (const [span, seconds] of Object.entries(cases)) expect(secondsOf(span), span).to.equal(seconds);
    expect(secondsOf('5 parsecs')).to.equal(undefined);
    expect(secondsOf(1.5)).to.equal(undefined);
  });
});

describe('schedule.present, files', () => {
  const job: Job = {
    title: 't',
    command: 'x',
    user: 'app',
    cron: '@daily',
    splayKind: 'random',
    splay: 60,
    persistent: true,
    seed: '',
  };

  it('put runs off', () => {
    expect(cronFile(job)).to.include('app sleep $(($(od -An -N4 -tu4 /dev/urandom) \\% 60)); x\n');
    expect(timerFiles(job))
      .to.have.property('timer')
      .that.includes('RandomizedDelaySec=60s\nPersistent=yes\n');
    expect(timerFiles({ ...job, splayKind: 'stable' }))
      .to.have.property('timer')
      .that.includes('RandomizedDelaySec=60s\nFixedRandomDelay=yes\n');
    expect(timerFiles(job)).to.have.property('service').that.includes('User=app\n');
    expect(cronFile({ ...job, splay: 0, splayKind: 'stable' })).to.include('app x\n');
  });

  it('put the nodes of a cluster at minutes of their own', () => {
    function minutesOf(node: number): string {
      const own = {
        ...job,
        every: '15min',
        splay: 0,
        splayKind: 'stable',
        seed: `node${node}\0self`,
      } as const;
      return /^(\S+) \* \* \* \* app x$/m.exec(cronFile(own) as string)![1]!;
    }
    const minutes = Array.from({ length: 30 }, (_, node) => minutesOf(node));
    expect(new Set(minutes).size).to.be.greaterThan(10);
    expect(minutesOf(0)).to.equal(minutes[0]);
  });

  it('have names that no other job has', () => {
    expect(namesOf('a-b').timer).to.equal('converge-a-b.timer');
    expect(namesOf('a b').cronFile).to.match(/^\/etc\/cron\.d\/converge-a-b-[0-9a-f]{6}$/);
    expect(namesOf('a  b').timer).to.not.equal(namesOf('a b').timer);
    expect(namesOf('../x').timerFile).to.match(/^\/etc\/systemd\/system\/converge--x-[0-9a-f]{6}\.timer$/);
  });
});
