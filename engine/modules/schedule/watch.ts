/** schedule.watch: `converge watch` runs as a service of systemd. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { watchUnit, watchUnitFile } from '../../core/watch-unit.ts';
import { programOf } from './_arguments.ts';
import { hasSystemd, verbStep } from './_steps.ts';
import { daemonReload, isUp, type Standing, standingOf, systemctl, unitText } from './_watch.ts';
import { secondsOf } from './_when.ts';

const span = { type: ['string', 'integer'] } as const;

const properties = {
  name: { type: 'string', minLength: 1, description: 'Anything: there is one watch.' },
  options: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Options of `converge watch`, such as `[--config, /srv/converge.yaml]`.',
  },
  program: {
    type: 'string',
    pattern: '^/',
    description: 'Path of converge; unless given, it is looked for in the usual places.',
  },
  watchdog: {
    ...span,
    default: '2min',
    description: 'Where it gives no sign of life for this span, systemd starts it anew; 0: never.',
  },
  stop_timeout: {
    ...span,
    default: '15min',
    description:
      'How long it may take to finish the step that it is at, when it is to stop: a package that is half installed is worse than a late reboot.',
  },
  description: { type: 'string', default: 'Keeps this node converged', description: 'Of the unit.' },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now extends Standing {
  readonly wanted: string | Refusal;
}

function wantedOf(args: Arguments, reader: Reader): string | Refusal {
  const { description, options = [], watchdog, stop_timeout } = args;
  const words = [programOf(args, reader), 'watch', ...[options].flat()];
  if ([...words, description].some((text) => /[\n\r\0]/.test(text)))
    return { refused: 'No argument of a unit can hold a newline.', certain: true };
  if (description.endsWith('\\'))
    return { refused: 'A description cannot end in a backslash.', certain: true };
  const [seconds, stopTimeout] = [secondsOf(watchdog), secondsOf(stop_timeout)];
  if (seconds === undefined || !stopTimeout)
    return {
      refused: `"${seconds === undefined ? watchdog : stop_timeout}" is no span of time.`,
      hint: 'Write 30s or 5min.',
      certain: true,
    };
  return unitText({ title: description, words, watchdog: seconds, stopTimeout });
}

function plan(_: Arguments, now: Now): Plan {
  const { wanted, text, unit, rooted, self } = now;
  if (typeof wanted !== 'string') return wanted;
  const steps: Step[] = [];
  if (text !== wanted) {
    const owner = { mode: 0o644, user: self.uid, group: self.gid };
    steps.push({
      change: { subject: watchUnitFile, old: text, new: wanted, text: true },
      effect: { kind: 'write', path: watchUnitFile, content: Buffer.from(wanted), ...owner },
    });
  }
  const renewed = text !== wanted || unit.needDaemonReload;
  if (!rooted && renewed) steps.push(daemonReload('loaded'));
  if (unit.enabled !== 'enabled')
    steps.push(verbStep(watchUnit, 'enable', { subject: 'enablement', old: unit.enabled, new: 'enabled' }));
  if (rooted) return steps;
  const old = unit.active;
  if (!isUp(now)) steps.push(verbStep(watchUnit, 'start', { subject: 'state', old, new: 'active' }));
  else if (old === 'active' && renewed) steps.push(renewal(now));
  return steps;
}

/** This run may be one of its own: it starts anew when that is over, and not before. */
function renewal({ follows, unit }: Standing): Step {
  const words = follows ? ['reload'] : ['restart', '--no-block'];
  const change = { subject: 'state', old: unit.active, new: 'restarted' };
  return systemctl([...words, '--', watchUnit], {}, change);
}

export default defineState({
  summary: 'converge watch runs as a service of systemd, from boot on',
  description: `
The unit is \`/etc/systemd/system/${watchUnit}\`; docs/watch.md says why it is as it is. Beacons, and what they lead to,
are told in the pillar.

When the unit changes, the watch starts itself anew as soon as nothing runs in it: this state may be part of a run of
its own, which a restart would end. One that does not know its unit is restarted at once.

Salt has no such state: its beacons are part of the minion.`,
  properties,
  examples: [
    {
      title: 'a node that converges by events, and by the clock should it miss one',
      sls: `watch:
  schedule.watch

regularly:
  schedule.present:
    - converge: highstate
    - every: 1h
`,
    },
    {
      title: 'with settings of its own',
      sls: `watch:
  schedule.watch:
    - options: [--config, /srv/converge.yaml]
    - watchdog: 5min
`,
    },
  ],
  owns: () => [
    {
      kind: 'schedule',
      name: 'converge watch',
      absent: { state: 'schedule.watch_absent', args: { name: 'watch' } },
    },
  ],
  needs: () => [{ kind: 'unit', name: watchUnit }],
  async read(args, reader): Promise<Now> {
    if (!hasSystemd(reader)) {
      const refused = 'There is no systemd here, which converge watch is to run by.';
      return { ...(await standingOf(reader)), wanted: { refused } };
    }
    return { ...(await standingOf(reader)), wanted: wantedOf(args, reader) };
  },
  plan,
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
