import { expect } from 'chai';
import { stampIn } from '../../../engine/core/watch-unit.ts';
import { namesOf } from '../../../engine/modules/schedule/_files.ts';
import { unitText } from '../../../engine/modules/schedule/_watch.ts';
import watch from '../../../engine/modules/schedule/watch.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const unit = 'converge-watch.service';
const file = `/etc/systemd/system/${unit}`;
const withSystemd = {
  '/run/systemd/system': { directory: true },
  '/etc/systemd/system': { directory: true },
  '/usr/bin/converge': '',
} as const;
const standard = {
  title: 'Keeps this node converged',
  words: ['/usr/bin/converge', 'watch'],
  watchdog: 120,
  stopTimeout: 900,
};
const text = unitText(standard);
const up = { active: 'active', sub: 'running', enabled: 'enabled', mainPid: 42 };
const environ = (stamp: string | undefined) => `HOME=/root\0CONVERGE_UNIT=${stamp}\0LANG=C\0`;
/** What is told to systemctl, and what becomes of the unit by it. */
function told(words: readonly string[], becomes: object) {
  return {
    kind: 'exec',
    command: { argv: ['systemctl', '--no-ask-password', ...words] },
    settles: [{ about: 'unit', name: unit, ...becomes }],
    foreseen: true,
  };
}

const daemonReload = told(['daemon-reload'], { load: 'loaded', needDaemonReload: false });

stateTester('schedule.watch', watch, [
  {
    title: 'installs the service, and starts it now and at boot',
    args: { name: 'x' },
    host: { units: {}, files: withSystemd },
    expects: {
      changes: [file, 'exec', 'enablement', 'state'],
      files: { [file]: { content: text, mode: 0o644 } },
      units: { [unit]: { active: 'active', enabled: 'enabled' } },
    },
  },
  {
    title: 'leaves one alone that is so',
    args: { name: 'x' },
    host: {
      units: { [unit]: up },
      files: { ...withSystemd, [file]: text, '/proc/42/environ': environ(stampIn(text)) },
    },
    expects: { changes: [] },
  },
  {
    title: 'has a watch start itself anew that runs by another unit',
    args: { name: 'x', watchdog: 0 },
    host: {
      units: { [unit]: up },
      files: { ...withSystemd, [file]: text, '/proc/42/environ': environ(stampIn(text)) },
    },
    expects: {
      changes: [file, 'exec', 'state'],
      files: { [file]: unitText({ ...standard, watchdog: 0 }) },
    },
  },
  {
    title: 'makes up for a run that was cut off before systemd read the unit again',
    args: { name: 'x' },
    host: {
      units: { [unit]: { ...up, needDaemonReload: true } },
      files: { ...withSystemd, [file]: text, '/proc/42/environ': environ('0123456789abcdef') },
    },
    expects: { changes: ['exec', 'state'], effects: [daemonReload, told(['reload', '--', unit], {})] },
  },
  {
    title: 'restarts one that knows nothing of its unit',
    args: { name: 'x' },
    host: {
      units: { [unit]: up },
      files: { ...withSystemd, [file]: '[Service]\n', '/proc/42/environ': 'HOME=/root\0' },
    },
    expects: {
      changes: [file, 'exec', 'state'],
      files: { [file]: text },
    },
  },
  ...(['activating', 'deactivating', 'reloading'] as const).map((active) => ({
    title: `leaves one alone that is ${active}`,
    args: { name: 'x' },
    host: { units: { [unit]: { ...up, active, mainPid: 0 } }, files: { ...withSystemd, [file]: text } },
    expects: { changes: [] },
  })),
  {
    title: 'starts one that has failed',
    args: { name: 'x' },
    host: {
      units: { [unit]: { active: 'failed', enabled: 'enabled' } },
      files: { ...withSystemd, [file]: text },
    },
    expects: { changes: ['state'], units: { [unit]: { active: 'active' } } },
  },
  {
    title: 'takes options, another program and other times',
    args: {
      name: 'x',
      program: '/opt/my converge',
      options: ['--config', '/srv/$x/100%.yaml'],
      watchdog: '5min',
      stop_timeout: 60,
      description: '100%',
    },
    host: { units: {}, files: withSystemd },
    expects: {
      changes: [file, 'exec', 'enablement', 'state'],
      files: {
        [file]: unitText({
          title: '100%',
          words: ['/opt/my converge', 'watch', '--config', '/srv/$x/100%.yaml'],
          watchdog: 300,
          stopTimeout: 60,
        }),
      },
    },
  },
  {
    title: 'refuses what is no span',
    args: { name: 'x', watchdog: 'often' },
    host: { units: {}, files: withSystemd },
    expects: { refused: /"often" is no span of time/ },
  },
  {
    title: 'refuses a stop without patience',
    args: { name: 'x', stop_timeout: 0 },
    host: { units: {}, files: withSystemd },
    expects: { refused: /"0" is no span of time/ },
  },
  {
    title: 'refuses a newline',
    args: { name: 'x', options: ['--id', 'a\nExecStartPre=/bin/evil'] },
    host: { units: {}, files: withSystemd },
    expects: { refused: /newline/ },
  },
  {
    title: 'refuses a description that goes on',
    args: { name: 'x', description: 'a\\' },
    host: { units: {}, files: withSystemd },
    expects: { refused: /backslash/ },
  },
  {
    title: 'refuses a machine without systemd',
    args: { name: 'x' },
    host: { units: {}, files: { '/usr/bin/converge': '' } },
    expects: { refused: /no systemd/ },
  },
]);

describe('the unit of the watch', () => {
  it('is marked by all that it says', () => {
    expect(text).to.match(/^Environment=CONVERGE_UNIT=[\da-f]{16}$/m);
    expect(text).to.include('\nExecStart=/usr/bin/converge watch\n').and.include('\nWatchdogSec=120s\n');
    const others = [
      { ...standard, title: 'x' },
      { ...standard, words: ['/x'] },
      { ...standard, watchdog: 0 },
      { ...standard, stopTimeout: 1 },
    ].map(unitText);
    expect(new Set([text, ...others].map(stampIn)).size).to.equal(5);
    expect(others[2]).to.not.include('WatchdogSec');
  });

  it('means its words as they are', () => {
    const odd = unitText({ ...standard, title: '5%', words: ['/x', 'a b', '$HOME', '%n', '"\\', ''] });
    expect(odd).to.include('\nExecStart=/x "a b" "$$HOME" "%%n" "\\"\\\\" ""\n');
    expect(odd).to.include('\nDescription=5%%\n');
  });

  it('is no job of schedule.present', () => {
    expect(namesOf('watch').serviceFile).to.not.equal(file);
  });
});
