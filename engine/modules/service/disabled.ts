/** service.disabled: a unit is not started at boot, whether it runs now or not. */
import { ownedUnit } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { isThere, nameProperty, needsUnit, planEnablement, readUnit } from './_unit.ts';

export default defineState({
  summary: 'the unit is not started at boot',
  properties: {
    ...nameProperty,
    skip_verify: {
      type: 'boolean',
      default: false,
      description: "Accepted for Salt's sake: a unit that is not there is not started at boot.",
    },
  },
  examples: [{ title: 'one service', sls: 'cron:\n  service.disabled\n' }],
  owns: ({ name }) => ownedUnit(name),
  needs: needsUnit,
  read: readUnit,
  plan({ name }, now) {
    if (!isThere(now)) return { steps: [], comment: `The named service ${name} is not available` };
    return planEnablement(name, false, now);
  },
});
