import { unitText } from '../../../engine/modules/schedule/_watch.ts';
import absent from '../../../engine/modules/schedule/watch_absent.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const unit = 'converge-watch.service';
const file = `/etc/systemd/system/${unit}`;
const text = unitText({ title: 'x', words: ['/x', 'watch'], watchdog: 0, stopTimeout: 1 });
const up = { active: 'active', sub: 'running', enabled: 'enabled', mainPid: 42 };

/** What is told to systemctl, and what becomes of the unit by it. */
function told(words: readonly string[], becomes: object) {
  return {
    kind: 'exec',
    command: { argv: ['systemctl', '--no-ask-password', ...words] },
    settles: [{ about: 'unit', name: unit, ...becomes }],
    foreseen: true,
  };
}

const disable = { kind: 'unit', unit, verb: 'disable' };
const remove = { kind: 'remove', path: file };
const gone = {
  load: 'not-found',
  active: 'inactive',
  sub: 'dead',
  enabled: '',
  mainPid: 0,
  needDaemonReload: false,
};

stateTester('schedule.watch_absent', absent, [
  {
    title: 'has a watch stop itself when nothing runs in it',
    args: { name: 'x' },
    host: { units: { [unit]: up }, files: { [file]: text, '/proc/42/environ': 'CONVERGE_UNIT=abc\0' } },
    expects: {
      changes: ['enablement', file, 'state'],
      files: { [file]: null },
      effects: [disable, remove, told(['kill', '--kill-who=main', '--signal=HUP', '--', unit], gone)],
    },
  },
  {
    title: 'stops one that knows nothing of its unit',
    args: { name: 'x' },
    host: { units: { [unit]: up }, files: { [file]: text, '/proc/42/environ': 'A=b\0' } },
    expects: {
      changes: ['enablement', file, 'state'],
      effects: [disable, remove, told(['stop', '--no-block', '--', unit], gone)],
    },
  },
  {
    title: 'takes away one that does not run',
    args: { name: 'x' },
    host: { units: { [unit]: { active: 'failed', enabled: 'enabled' } }, files: { [file]: text } },
    expects: {
      changes: ['enablement', file, 'exec'],
      files: { [file]: null },
      effects: [disable, remove, told(['daemon-reload'], { load: 'not-found', needDaemonReload: false })],
    },
  },
  {
    title: 'has nothing to do where there is none',
    args: { name: 'x' },
    host: { units: {}, files: {} },
    expects: { changes: [] },
  },
]);
