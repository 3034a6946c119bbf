/** service.enabled: a unit is started at boot, whether it runs now or not. */
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
  properties: nameProperty,
  examples: [{ title: 'one service', sls: 'cron:\n  service.enabled\n' }],
  needs: needsUnit,
  read: readUnit,
  plan({ name }, now) {
    if (!isThere(now)) return refuseMissing(now);
    if (isMasked(now)) {
      return {
        refused: `The service ${name} is masked, so it cannot be enabled.`,
        hint: 'Unmask it: service.unmasked.',
      };
    }
    return planEnablement(name, true, now);
  },
});
