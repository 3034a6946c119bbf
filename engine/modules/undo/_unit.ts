/** Puts a unit back as it was before a run. It is no state of trees: `rollback` is made of it. */
import type { Unit } from '../../core/host.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';

/** Before files go a unit is only taken down: it may need them to be stopped, and must not start by them. */
export const unitBack = defineState({
  summary: 'a unit is as it was before a run',
  properties: {
    enabled: { type: 'string', description: 'What systemd said of its enablement.' },
    active: { type: 'string', description: 'What systemd said of its state.' },
    down: { type: 'boolean', default: false, description: 'Only stop and disable it.' },
    up: { type: 'boolean', default: false, description: 'Only start and enable it.' },
  },
  required: ['enabled', 'active'],
  examples: [],
  needs: ({ name }) => [{ kind: 'unit', name }],
  read: async ({ name }, reader) => (await reader.units([name])).get(name)!,
  plan,
});

function plan(
  was: {
    readonly name: string;
    readonly enabled: string;
    readonly active: string;
    down: boolean;
    up: boolean;
  },
  unit: Unit,
): Plan {
  const { name } = was;
  // Its file is gone, and all else with it.
  if (unit.load === 'not-found') return [];
  const steps: Step[] = [];
  if (was.down) {
    if (isRunning(unit.active) && !isRunning(was.active)) steps.push(step(name, 'stop', unit.active));
    if (isEnabled(unit.enabled) && !isEnabled(was.enabled)) steps.push(step(name, 'disable', unit.enabled));
  }
  if (was.up) {
    const masked = unit.enabled.startsWith('masked');
    if (masked && !was.enabled.startsWith('masked')) steps.push(step(name, 'unmask', unit.enabled));
    if (isEnabled(was.enabled) && !isEnabled(unit.enabled)) steps.push(step(name, 'enable', unit.enabled));
    if (was.enabled.startsWith('masked') && !masked) steps.push(step(name, 'mask', unit.enabled));
    else if (isRunning(was.active) && !isRunning(unit.active)) steps.push(step(name, 'start', unit.active));
  }
  return steps;
}

const results = {
  stop: 'inactive',
  start: 'active',
  enable: 'enabled',
  disable: 'disabled',
  mask: 'masked',
  unmask: 'unmasked',
} as const;

function step(unit: string, verb: keyof typeof results, old: string): Step {
  const subject = verb === 'start' || verb === 'stop' ? 'state' : 'enablement';
  return { change: { subject, old, new: results[verb] }, effect: { kind: 'unit', unit, verb } };
}

function isRunning(active: string): boolean {
  return active === 'active' || active === 'reloading' || active === 'activating';
}

function isEnabled(enabled: string): boolean {
  return enabled === 'enabled' || enabled === 'enabled-runtime' || enabled === 'alias';
}
