/** service.running: a unit runs, and is started anew when something it watches changed. */
import { ownedUnit } from '../../core/owned.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import {
  enablementSteps,
  enablementWarnings,
  isMasked,
  isRunning,
  isThere,
  type Now,
  needsUnit,
  readUnit,
  refuseMissing,
  refuseRoot,
  switchProperties,
  systemctlStep,
  verbStep,
} from './_unit.ts';

const properties = {
  ...switchProperties,
  reload: {
    type: 'boolean',
    default: false,
    description: 'Reload instead of restart when something watched changed.',
  },
  full_restart: { type: 'boolean', default: false, description: 'Restart even where `reload` is set.' },
  force: {
    type: 'boolean',
    default: false,
    description: 'With `reload`: restart a unit that cannot be reloaded.',
  },
  init_delay: {
    type: 'number',
    minimum: 0,
    description:
      'Seconds the unit has to stay up after it was started or reloaded for that to count as success.',
  },
  no_block: { type: 'boolean', default: false, description: 'Do not wait until the unit is started.' },
  unmask: { type: 'boolean', default: false, description: 'Unmask the unit where it is masked.' },
  unmask_runtime: {
    type: 'boolean',
    default: false,
    description: 'Unmask the unit where it is masked until the next boot.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

function plan(args: Arguments, now: Now): Plan {
  const { name } = args;
  if (!isThere(now)) return refuseMissing(now);
  const unmask = unmaskSteps(args, now);
  if ('refused' in unmask) return unmask;
  const steps = [
    ...unmask,
    ...(args.enable === undefined ? [] : enablementSteps(name, args.enable, now)),
    ...(isRunning(now) ? [] : [startStep(args, now)]),
  ];
  const warnings = enablementWarnings(name, args.enable, now);
  if (steps.length === 0) return { steps, comment: `The service ${name} is already running`, warnings };
  return refuseRoot(steps, now) ?? { steps, warnings };
}

function startStep({ name, no_block, init_delay }: Arguments, { unit }: Now): Step {
  const change = { subject: 'state', old: unit.active, new: 'active' };
  return no_block
    ? systemctlStep(['start', '--no-block'], name, change, { active: 'active' })
    : verbStep(name, 'start', change, init_delay);
}

function unmaskSteps(args: Arguments, now: Now): Step[] | Refusal {
  if (!isMasked(now)) return [];
  const { name } = args;
  const change = { subject: 'masked', old: true, new: false };
  const runtime = now.unit.enabled === 'masked-runtime';
  if (runtime && (args.unmask_runtime || args.unmask)) {
    return [systemctlStep(['unmask', '--runtime'], name, change, { enabled: 'disabled' })];
  }
  if (!runtime && args.unmask) return [verbStep(name, 'unmask', change)];
  const option = runtime ? 'unmask_runtime' : 'unmask';
  return {
    refused: `The service ${name} is masked, so it cannot be started.`,
    hint: `Set \`${option}: true\`.`,
  };
}

/**
 * Unlike Salt: service.running restarts or reloads for what it watches even where it changed something itself, such
 * as its enablement; only a unit that was started in the same moment is left alone.
 */
function react(args: Arguments, now: Now, taken: readonly Step[]): Plan {
  const { name, init_delay } = args;
  const started = taken.some(({ change }) => change?.subject === 'state');
  if (started || !isThere(now)) return [];
  const reload = args.reload && !args.full_restart && (now.unit.canReload || !args.force);
  const old = now.unit.active;
  const step = reload
    ? verbStep(name, 'reload', { subject: 'state', old, new: 'reloaded' }, init_delay)
    : args.no_block
      ? systemctlStep(
          ['restart', '--no-block'],
          name,
          { subject: 'state', old, new: 'restarted' },
          { active: 'active' },
        )
      : verbStep(name, 'restart', { subject: 'state', old, new: 'restarted' }, init_delay);
  return refuseRoot([step], now) ?? [step];
}

export default defineState({
  summary: 'the unit runs',
  description:
    'A unit that ends soon after it was started counts as failed, and the report shows what it printed. systemd is ' +
    'told to read its unit files again whenever one of them changed.',
  properties,
  examples: [
    {
      title: 'a service that is started at boot and restarted when its configuration changes',
      sls: [
        '/etc/haproxy/haproxy.cfg:',
        '  file.managed:',
        '    contents: defaults',
        '    makedirs: true',
        '',
        'haproxy:',
        '  service.running:',
        '    enable: true',
        '    watch:',
        '      - file: /etc/haproxy/haproxy.cfg',
        '',
      ].join('\n'),
    },
    { title: 'a reload instead of a restart', sls: 'nginx:\n  service.running:\n    reload: true\n' },
  ],
  owns: ({ name }) => ownedUnit(name),
  needs: needsUnit,
  read: readUnit,
  plan,
  react,
});
