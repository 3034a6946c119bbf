/** service.enabled: a unit is started at boot, whether it runs now or not. */
import { ownedUnit } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import {
  isMasked,
  isThere,
  nameProperty,
  needsUnit,
  planEnablement,
  readUnit,
  refuseMissing,
} from './_unit.ts';

export default defineState({
  summary: 'the unit is started at boot',
  properties: {
    ...nameProperty,
    skip_verify: {
      type: 'boolean',
      default: false,
      description: 'Enable it though systemd knows no such unit yet.',
    },
  },
  examples: [{ title: 'one service', sls: 'cron:\n  service.enabled\n' }],
  owns: ({ name }) => ownedUnit(name),
  needs: needsUnit,
  read: readUnit,
  plan({ name, skip_verify }, now) {
    if (!isThere(now) && !skip_verify) return refuseMissing(now);
    if (isMasked(now)) {
      return {
        refused: `The service ${name} is masked, so it cannot be enabled.`,
        hint: 'Unmask it: service.unmasked.',
      };
    }
    return planEnablement(name, true, now);
  },
});
