/** service.unmasked: a unit may be started. */
import { defineState } from '../../core/state.ts';
import { nameProperty, needsUnit, readUnit, systemctlStep, verbStep } from './_unit.ts';

export default defineState({
  summary: 'the unit may be started',
  properties: {
    ...nameProperty,
    runtime: { type: 'boolean', default: false, description: 'Lift a mask that lasts until the next boot.' },
  },
  examples: [{ title: 'a service that may run again', sls: 'systemd-timesyncd:\n  service.unmasked\n' }],
  needs: needsUnit,
  read: readUnit,
  plan({ name, runtime }, now) {
    const mask = runtime ? 'masked-runtime' : 'masked';
    if (now.unit.enabled !== mask) return { steps: [], comment: `Service ${name} is already unmasked` };
    const change = { subject: 'masked', old: true, new: false };
    return [
      runtime
        ? systemctlStep(['unmask', '--runtime'], name, change, { enabled: 'disabled' })
        : verbStep(name, 'unmask', change),
    ];
  },
});
