/** What the service states share: their look at a unit, and the steps that change its enablement and its masks. */
import type { Reader, Unit, UnitEffect } from '../../core/host.ts';
import type { Plan, Refusal, Step } from '../../core/state.ts';

export const nameProperty = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'Name of the unit; without a type (`.socket`) a service.',
  },
} as const;

/** What a state that starts or stops a unit takes beside its name. */
export const switchProperties = {
  ...nameProperty,
  enable: {
    type: 'boolean',
    description: 'Whether it is started at boot. Left alone where it is not given.',
  },
  sig: { type: 'string', description: "Accepted for Salt's sake: systemd knows the processes of a unit." },
} as const;

export interface Now {
  readonly unit: Unit;
  readonly rooted: boolean;
}

export async function readUnit({ name }: { readonly name: string }, reader: Reader): Promise<Now> {
  const units = await reader.units([name]);
  return { unit: units.get(name)!, rooted: reader.rooted };
}

export function needsUnit({ name }: { readonly name: string }): readonly [{ kind: 'unit'; name: string }] {
  return [{ kind: 'unit', name }];
}

export function isThere({ unit }: Now): boolean {
  return unit.load !== 'not-found';
}

/** Between two attempts to start it (`auto-restart`) a unit is activating, and yet does not run. */
export function isRunning({ unit }: Now): boolean {
  return (
    unit.active === 'active' ||
    unit.active === 'reloading' ||
    (unit.active === 'activating' && unit.sub !== 'auto-restart')
  );
}

export function isMasked({ unit }: Now): boolean {
  return unit.enabled.startsWith('masked');
}

export function refuseMissing({ unit }: Now): Refusal {
  return {
    refused: `The named service ${unit.name} is not available`,
    hint: 'Check the name, or require the state that brings the unit.',
  };
}

export function verbStep(
  unit: string,
  verb: UnitEffect['verb'],
  change: Step['change'],
  settle?: number,
): Step {
  return { change, effect: { kind: 'unit', unit, verb, ...(settle === undefined ? {} : { settle }) } };
}

/** Of systemctl itself, where an option is needed that the usual effect lacks. */
export function systemctlStep(
  words: readonly string[],
  unit: string,
  change: Step['change'],
  settles: object,
): Step {
  const command = { argv: ['systemctl', '--no-ask-password', ...words, '--', unit] };
  // As much is known beforehand as of the usual effect.
  const foreseen = { settles: [{ about: 'unit', name: unit, ...settles }], foreseen: true } as const;
  return { change, effect: { kind: 'exec', command, ...foreseen } };
}

/** Enabled by a file of its own, by another unit's name, or by what made it. */
const enabledStates = ['enabled', 'enabled-runtime', 'alias', 'generated'];

/** There is nothing to enable about these: they have no [Install] section. */
const fixedStates = ['static', 'transient'];

export function enablementSteps(name: string, wanted: boolean, { unit }: Now): Step[] {
  const enabled = enabledStates.includes(unit.enabled);
  // What is static stays so; what is disabled, masked or indirect is not started at boot.
  const asWanted = wanted
    ? enabled || fixedStates.includes(unit.enabled)
    : !enabled || unit.enabled === 'generated';
  if (asWanted) return [];
  const change = { subject: 'enablement', old: unit.enabled, new: wanted ? 'enabled' : 'disabled' };
  return [verbStep(name, wanted ? 'enable' : 'disable', change)];
}

export function enablementWarnings(name: string, wanted: boolean | undefined, { unit }: Now): string[] {
  return wanted === true && fixedStates.includes(unit.enabled)
    ? [`${name} cannot be enabled: it has no [Install] section (${unit.enabled}), other units start it.`]
    : [];
}

/** Whether the unit is started at boot, and nothing else. */
export function planEnablement(name: string, wanted: boolean, now: Now): Plan {
  const steps = enablementSteps(name, wanted, now);
  const warnings = enablementWarnings(name, wanted, now);
  if (steps.length > 0) return { steps, warnings };
  return { steps, comment: `Service ${name} is already ${wanted ? 'enabled' : 'disabled'}`, warnings };
}

/** Below a root there are unit files, but nothing runs. */
export function refuseRoot(steps: readonly Step[], { rooted }: Now): Plan | undefined {
  const running = steps.some(
    ({ effect }) =>
      effect.kind === 'exec' ||
      (effect.kind === 'unit' && ['start', 'stop', 'restart', 'reload'].includes(effect.verb)),
  );
  return rooted && running
    ? {
        refused: 'Nothing runs below another root than /.',
        hint: 'Use service.enabled, service.disabled or service.masked there.',
      }
    : undefined;
}
