/** systemd.unit_absent: a unit file or drop-in of /etc/systemd/system is gone, and with it what ran by it. */
import type { Unit } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';
import { unitName } from '../../core/unit-name.ts';
import {
  dropinProperty,
  isRunning,
  nameProperty,
  pathOf,
  refuseName,
  unitsOf,
  vendorPaths,
} from './_name.ts';
import { daemonReloadStep, isEnabled, stateSteps, verbStep } from './_steps.ts';

interface Now {
  readonly unit: string;
  readonly path: string;
  readonly there: boolean;
  /** A file of a package comes to light when this one goes. */
  readonly vendor: boolean;
  /** The drop-in is the only one in its folder. */
  readonly alone: boolean;
  readonly units: readonly Unit[];
  readonly rooted: boolean;
}

export default defineState({
  summary: 'there is no such unit file or drop-in in /etc/systemd/system, and nothing runs by it',
  description: `
The unit is stopped and disabled, its file is removed, systemd reads its files again, and a failure it left is forgotten.
Where a package has a unit of that name, or where only a drop-in goes, the unit is not stopped but restarted by what is
left. Drop-ins of a unit that goes stay, unless they are removed by states of their own. A mask is lifted by
service.unmasked. Salt has no such state.`,
  properties: {
    ...nameProperty,
    dropin: dropinProperty,
    instances: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'Of a template such as `app@.service`: the instances that are stopped and disabled.',
    },
    restart: {
      type: 'boolean',
      default: true,
      description: 'Restart a unit that goes on running by another file; false leaves that to others.',
    },
  },
  examples: [
    { title: 'a service that is no longer wanted', sls: 'app.service:\n  systemd.unit_absent\n' },
    {
      title: 'a drop-in',
      sls: 'haproxy.service:\n  systemd.unit_absent:\n    - dropin: limits\n',
    },
  ],
  needs: (args) => unitsOf(args).map((name) => ({ kind: 'unit', name }) as const),
  async read(args, reader): Promise<Now> {
    const unit = unitName(args.name);
    const path = pathOf(unit, args.dropin);
    const names = unitsOf(args);
    const { rooted } = reader;
    const now: Now = { unit, path, there: false, vendor: false, alone: false, units: [], rooted };
    if ([unit, ...names].some((one) => refuseName(one, args.dropin))) return now;
    const found = names.length > 0 ? await reader.units(names) : new Map<string, Unit>();
    return {
      ...now,
      there: reader.stat(path) !== undefined && reader.link(path) !== '/dev/null',
      vendor: vendorPaths(unit).some((at) => reader.stat(at)),
      alone: args.dropin !== undefined && reader.list(parentOf(path))?.length === 1,
      units: names.map((one) => found.get(one)!),
    };
  },
  plan(args, now): Plan {
    const { unit, path, there, units, rooted } = now;
    const wrong = [unit, ...unitsOf(args)].map((one) => refuseName(one, args.dropin)).find(Boolean);
    if (wrong) return wrong;
    const stays = args.dropin !== undefined || now.vendor;
    const prefix = (one: Unit) => (units.length > 1 ? `${one.name} ` : '');
    const steps: Step[] = [];
    if (!stays) {
      for (const one of units) {
        // Whatever systemd still keeps of a unit whose file is gone already is cleared away, too.
        if (isRunning(one) && !rooted) steps.push(...stateSteps(one, { ...stopped, prefix: prefix(one) }));
        if (there && isEnabled(one) && one.enabled !== 'generated') {
          const change = { subject: `${prefix(one)}enablement`, old: one.enabled, new: 'disabled' };
          steps.push(verbStep(one.name, 'disable', change));
        }
      }
    }
    if (there) steps.push({ change: { subject: path, old: 'file' }, effect: { kind: 'remove', path } });
    if (there && now.alone) steps.push({ effect: { kind: 'remove', path: parentOf(path) } });
    if (rooted) return steps;
    const outdated = units.some((one) => one.needDaemonReload);
    if (there || outdated) {
      const change = there ? undefined : { subject: 'loaded file', old: 'outdated', new: 'current' };
      steps.push(daemonReloadStep(names(units), change, stays ? 'loaded' : 'not-found'));
    }
    if (stays) {
      const renew = args.restart ? 'restart' : 'nothing';
      const changed = there || outdated;
      for (const one of units) steps.push(...stateSteps(one, { renew, changed, prefix: prefix(one) }));
    } else {
      const failed = units.filter((one) => one.active === 'failed');
      for (const one of there ? units : failed) steps.push(forgetStep(one, prefix(one)));
    }
    if (steps.length === 0) return { steps, comment: `${path} is not there.` };
    return steps;
  },
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});

const stopped = { running: false, renew: 'nothing', changed: false } as const;

function names(units: readonly Unit[]): string[] {
  return units.map((one) => one.name);
}

/** systemd keeps a failed unit whose file is gone until it is told to forget it; of others it knows nothing then. */
function forgetStep(unit: Unit, prefix: string): Step {
  const command = { argv: ['systemctl', '--no-ask-password', 'reset-failed', '--', unit.name] };
  const gone = { load: 'not-found', active: 'inactive', enabled: '' };
  const settles = [{ about: 'unit', name: unit.name, ...gone }] as const;
  const change = { subject: `${prefix}state`, old: 'failed', new: 'inactive' };
  return {
    ...(unit.active === 'failed' && { change }),
    effect: { kind: 'exec', command, success: [0, 1], settles, foreseen: true },
  };
}
