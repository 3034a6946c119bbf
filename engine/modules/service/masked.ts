/** service.masked: a unit cannot be started, by nobody and nothing. */
import { ownedUnit } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { nameProperty, needsUnit, readUnit, systemctlStep, verbStep } from './_unit.ts';

export default defineState({
  summary: 'the unit cannot be started at all',
  description: 'A unit that runs goes on running: stop it by service.dead.',
  properties: {
    ...nameProperty,
    runtime: { type: 'boolean', default: false, description: 'Only until the next boot.' },
  },
  examples: [{ title: 'a service that is never to run', sls: 'systemd-timesyncd:\n  service.masked\n' }],
  owns: ({ name }) => ownedUnit(name),
  needs: needsUnit,
  read: readUnit,
  plan({ name, runtime }, now) {
    const wanted = runtime ? 'masked-runtime' : 'masked';
    const { enabled } = now.unit;
    if (enabled === wanted || (runtime && enabled === 'masked')) {
      return { steps: [], comment: `Service ${name} is already masked` };
    }
    const change = { subject: 'enablement', old: enabled, new: wanted };
    return [
      runtime
        ? systemctlStep(['mask', '--runtime'], name, change, { enabled: wanted })
        : verbStep(name, 'mask', change),
    ];
  },
});
