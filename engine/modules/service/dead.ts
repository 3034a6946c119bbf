/** service.dead: a unit does not run. */
import { ownedUnit } from '../../core/owned.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import {
  enablementSteps,
  enablementWarnings,
  isThere,
  type Now,
  needsUnit,
  readUnit,
  refuseRoot,
  switchProperties,
  systemctlStep,
  verbStep,
} from './_unit.ts';

const properties = {
  ...switchProperties,
  no_block: { type: 'boolean', default: false, description: 'Do not wait until the unit is stopped.' },
  init_delay: {
    type: 'number',
    minimum: 0,
    description: "Accepted for Salt's sake: stopping waits for the end.",
  },
} as const;

function plan(args: ArgumentsOf<typeof properties> & Common, now: Now): Plan {
  const { name, enable } = args;
  // Salt: service.dead is content with a unit that is not there.
  if (!isThere(now)) return { steps: [], comment: `The named service ${name} is not available` };
  const { active } = now.unit;
  const change = { subject: 'state', old: active, new: 'inactive' };
  const stop = args.no_block
    ? systemctlStep(['stop', '--no-block'], name, change, { active: 'inactive' })
    : verbStep(name, 'stop', change);
  const stopped =
    active === 'inactive' || active === 'failed' || (args.no_block && active === 'deactivating');
  const steps = [
    ...(enable === undefined ? [] : enablementSteps(name, enable, now)),
    ...(stopped ? [] : [stop]),
  ];
  const warnings = enablementWarnings(name, enable, now);
  if (steps.length === 0) return { steps, comment: `The service ${name} is already dead`, warnings };
  return refuseRoot(steps, now) ?? { steps, warnings };
}

export default defineState({
  summary: 'the unit does not run',
  properties,
  examples: [
    {
      title: 'a service that is not started at boot either',
      sls: 'rpcbind:\n  service.dead:\n    enable: false\n',
    },
  ],
  owns: ({ name }) => ownedUnit(name),
  needs: needsUnit,
  read: readUnit,
  plan,
});
