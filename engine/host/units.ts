/** What is true of every systemd unit, whoever looks: what is known of one that is unknown, and what a verb makes of it. */
import type { Unit, UnitEffect } from '../core/host.ts';

export function unknownUnit(name: string): Unit {
  return {
    name,
    load: 'not-found',
    active: 'inactive',
    sub: 'dead',
    enabled: '',
    needDaemonReload: false,
    canReload: false,
    mainPid: 0,
    restarts: 0,
  };
}

/** What changes, or a sentence why the verb would fail. */
export function afterVerb(unit: Unit, verb: UnitEffect['verb']): Partial<Unit> | string {
  const { name } = unit;
  const missing = unit.load === 'not-found' ? `There is no unit ${name}.` : undefined;
  const masked = unit.load === 'masked' || unit.enabled === 'masked' ? `${name} is masked.` : undefined;
  switch (verb) {
    case 'start':
    case 'restart':
      return missing ?? masked ?? { active: 'active', sub: 'running', needDaemonReload: false };
    case 'reload':
      if (unit.active !== 'active') return missing ?? `${name} is not active, so it cannot be reloaded.`;
      return missing ?? {};
    case 'stop':
      return missing ?? { active: 'inactive', sub: 'dead', mainPid: 0 };
    case 'enable':
      return missing ?? masked ?? { enabled: 'enabled' };
    case 'disable':
      return missing ?? { enabled: masked ? 'masked' : 'disabled' };
    case 'mask':
      return { load: 'masked', enabled: 'masked' };
    case 'unmask':
      return masked === undefined ? {} : { load: 'loaded', enabled: 'disabled' };
  }
}
