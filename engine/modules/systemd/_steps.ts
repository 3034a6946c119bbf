/** The steps that bring a unit into the state it is to be in, once its file is in place. */
import type { Unit, UnitEffect } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { isRunning } from './_name.ts';

export function verbStep(unit: string, verb: UnitEffect['verb'], change?: Change, settle?: number): Step {
  return {
    ...(change && { change }),
    effect: { kind: 'unit', unit, verb, ...(settle === undefined ? {} : { settle }) },
  };
}

/** systemd reads all unit files again, and then knows these units by them, or no more. */
export function daemonReloadStep(
  units: readonly string[],
  change?: Change,
  load: 'loaded' | 'not-found' = 'loaded',
): Step {
  const settles = units.map((name) => ({ about: 'unit', name, load, needDaemonReload: false }) as const);
  const command = { argv: ['systemctl', '--no-ask-password', 'daemon-reload'] };
  return { ...(change && { change }), effect: { kind: 'exec', command, settles, foreseen: true } };
}

/** Enabled by a file of its own, by another unit's name, or by what made it. */
const enabledStates = ['enabled', 'enabled-runtime', 'alias', 'generated'];

export function isEnabled(unit: Unit): boolean {
  return enabledStates.includes(unit.enabled);
}

export interface Wanted {
  readonly running?: boolean;
  /** What to do with a unit that runs by an older file. */
  readonly renew: 'restart' | 'reload' | 'nothing';
  readonly changed: boolean;
  readonly settle?: number;
  /** Put before the subjects of changes, where a state has several units. */
  readonly prefix: string;
}

export function stateSteps(unit: Unit, wanted: Wanted): Step[] {
  const subject = `${wanted.prefix}state`;
  const old = unit.active;
  if (wanted.running === false) {
    const idle = old === 'inactive' || old === 'failed';
    return idle ? [] : [verbStep(unit.name, 'stop', { subject, old, new: 'inactive' })];
  }
  if (!isRunning(unit)) {
    if (!wanted.running) return [];
    return [verbStep(unit.name, 'start', { subject, old, new: 'active' }, wanted.settle)];
  }
  if (!wanted.changed || wanted.renew === 'nothing') return [];
  const verb = wanted.renew === 'reload' && unit.canReload ? 'reload' : 'restart';
  return [verbStep(unit.name, verb, { subject, old, new: `${verb}ed` }, wanted.settle)];
}
