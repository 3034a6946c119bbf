/** schedule.watch_absent: `converge watch` is no service here. */
import { defineState, type Step } from '../../core/state.ts';
import { watchUnit, watchUnitFile } from '../../core/watch-unit.ts';
import { verbStep } from './_steps.ts';
import { daemonReload, isUp, type Standing, standingOf, systemctl } from './_watch.ts';

function stepsOf(now: Standing): Step[] {
  const { text, unit, rooted, follows } = now;
  // A process that is left of it stops by itself.
  if (text === undefined) return [];
  const steps: Step[] = [];
  if (unit.enabled === 'enabled')
    steps.push(verbStep(watchUnit, 'disable', { subject: 'enablement', old: 'enabled', new: 'disabled' }));
  steps.push({
    change: { subject: watchUnitFile, old: 'file' },
    effect: { kind: 'remove', path: watchUnitFile },
  });
  if (!rooted && isUp(now)) {
    // It stops when this run, which may be its own, is over. Until then systemd has to know the unit.
    const words = follows ? ['kill', '--kill-who=main', '--signal=HUP'] : ['stop', '--no-block'];
    const gone = { load: 'not-found', active: 'inactive', sub: 'dead', enabled: '', mainPid: 0 };
    const change = { subject: 'state', old: unit.active, new: 'inactive' };
    steps.push(systemctl([...words, '--', watchUnit], { ...gone, needDaemonReload: false }, change));
  } else if (!rooted) steps.push(daemonReload('not-found'));
  return steps;
}

export default defineState({
  summary: 'converge watch is no service of this machine',
  description: 'A run of it that is under way is finished first, also where this state is part of it.',
  properties: { name: { type: 'string', minLength: 1, description: 'Anything: there is one watch.' } },
  examples: [{ title: 'a node that only converges by the clock', sls: 'watch:\n  schedule.watch_absent\n' }],
  needs: () => [{ kind: 'unit', name: watchUnit }],
  read: (_, reader) => standingOf(reader),
  plan(_, now) {
    const steps = stepsOf(now);
    return steps.length > 0 ? steps : { steps, comment: 'There is no service of converge watch.' };
  },
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
