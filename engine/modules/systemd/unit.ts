/** systemd.unit: the file of a unit, or a drop-in of it, and what becomes of the unit by it. */
import type { Unit } from '../../core/host.ts';
import { defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { unitName } from '../../core/unit-name.ts';
import { type Arguments, properties } from './_arguments.ts';
import { enableSteps, fileSteps } from './_file.ts';
import { look, type Now } from './_look.ts';
import { isRunning, unitsOf } from './_name.ts';
import { endsByItself } from './_sections.ts';
import { daemonReloadStep, stateSteps, verbStep } from './_steps.ts';

function plan(args: Arguments, now: Now): Plan {
  if (now.refusal) return now.refusal;
  const { unit, wanted, verdict, units } = now;
  const masked = refuseMasked(args, now);
  if (masked) return masked;
  if (verdict && verdict.errors.length > 0) {
    return {
      refused: `systemd would not take ${now.path}: ${verdict.errors.join(' ')}`,
      hint: 'Correct it, or set `verify: false` to have it written all the same.',
    };
  }
  if (args.running && args.dropin === undefined && endsByItself(wanted!.text)) {
    return {
      refused: `${unit} ends by itself (Type=oneshot), so it cannot be kept running.`,
      hint: 'Leave out `running`, set RemainAfterExit=yes, or have a timer start it.',
      certain: true,
    };
  }
  if (now.rooted && args.running !== undefined) {
    return { refused: 'Nothing runs below another root than /.', hint: 'Leave out `running` there.' };
  }
  const file = fileSteps(args, now);
  const changed = now.there?.content !== wanted!.text;
  const outdated = units.some((one) => one.needDaemonReload);
  const steps = [...(now.link === '/dev/null' ? [unmaskStep(unit)] : []), ...file];
  if (!now.rooted && (changed || outdated)) {
    const change = changed ? undefined : { subject: 'loaded file', old: 'outdated', new: 'current' };
    steps.push(
      daemonReloadStep(
        [...units, ...now.others].map((one) => one.name),
        change,
      ),
    );
  }
  const prefix = (one: Unit) => (units.length + now.others.length > 1 ? `${one.name} ` : '');
  const warnings = (verdict?.warnings ?? []).map((line) => `systemd-analyze says of ${unit}: ${line}`);
  if (args.enable !== undefined) {
    for (const one of units) steps.push(...enableSteps(args.enable, one, now, prefix(one), warnings));
  }
  const renew = !args.restart ? 'nothing' : args.reload ? 'reload' : 'restart';
  const holder = now.holder?.name;
  for (const one of [...units, ...now.others]) {
    const taken = stateSteps(one, {
      ...(units.includes(one) && { running: args.running }),
      renew,
      changed: changed || one.needDaemonReload,
      settle: args.init_delay,
      prefix: prefix(one),
    });
    const inTheWay =
      holder && taken.some(({ effect }) => effect.kind === 'unit' && effect.verb === 'restart');
    steps.push(...(inTheWay ? [verbStep(holder, 'stop'), ...taken, verbStep(holder, 'start')] : taken));
  }
  return { steps, ...(warnings.length > 0 && { warnings }) };
}

function refuseMasked(args: Arguments, { unit, link, units, rooted }: Now): Refusal | undefined {
  const isMasked = link === '/dev/null' || units.some((one) => one.enabled.startsWith('masked'));
  const matters = args.dropin === undefined || args.running === true || args.enable === true;
  if (!isMasked || !matters || (args.unmask && link === '/dev/null')) return undefined;
  return {
    refused: `${unit} is masked.`,
    hint: rooted || link !== '/dev/null' ? 'Unmask it first: service.unmasked.' : 'Set `unmask: true`.',
  };
}

function unmaskStep(unit: string): Step {
  return verbStep(unit, 'unmask', { subject: 'masked', old: true, new: false });
}

/** Salt's mod_watch of services: what the unit depends on changed. */
function react(args: Arguments, now: Now, taken: readonly Step[]): Plan {
  if (now.refusal || now.rooted) return [];
  const fresh = new Set(
    taken.flatMap(({ effect }) =>
      effect.kind === 'unit' && ['start', 'restart', 'reload'].includes(effect.verb) ? [effect.unit] : [],
    ),
  );
  return [...now.units, ...now.others]
    .filter((one) => isRunning(one) && !fresh.has(one.name))
    .flatMap((one) =>
      stateSteps(one, {
        renew: args.reload ? 'reload' : 'restart',
        changed: true,
        settle: args.init_delay,
        prefix: now.units.length > 1 ? `${one.name} ` : '',
      }),
    );
}

export default defineState({
  summary:
    'the unit has this file or drop-in, is as loaded as it is written, and runs and is enabled as told',
  description: `
One state for what else takes file.managed, cmd.run and service.running: the file of the unit in /etc/systemd/system,
or a drop-in of it; systemd reads it again, and a unit that runs by the old file is restarted. Timers, sockets, paths
and mounts are units like others. Salt has no such state.

The text is verified by \`systemd-analyze verify\` before it is put in place, in a dry run too: unknown sections and
settings, values that cannot be understood, and what systemd would refuse to load fail the state. A program or another
unit that is not there (yet) is only warned of. Below another root the text is not verified.

A masked unit is left alone unless \`unmask\` is set. Of a template (\`app@.service\`) every instance that runs is
restarted when it changes, whether \`instances\` names it or not. If [Install] changes, an enabled unit is enabled anew.`,
  properties,
  examples: [
    {
      title: 'a service of its own',
      sls: `app.service:
  systemd.unit:
    - sections:
        Unit:
          Description: The application
          After: network-online.target
        Service:
          ExecStart: /bin/sleep infinity
          Restart: on-failure
          Environment:
            - PORT=8080
            - MODE=production
        Install:
          WantedBy: multi-user.target
    - enable: true
`,
    },
    {
      title: 'a drop-in for a unit of a package',
      sls: `haproxy.service:
  systemd.unit:
    - dropin: limits
    - contents: |
        [Service]
        LimitNOFILE=65536
`,
    },
    {
      title: 'a timer from a template',
      sls: `tidy.timer:
  systemd.unit:
    - source: salt://tidy.timer.j2
    - template: jinja
    - context:
        when: daily
    - enable: true
`,
      files: {
        'tidy.timer.j2': '[Timer]\nOnCalendar={{ when }}\n\n[Install]\nWantedBy=timers.target\n',
      },
    },
  ],
  owns({ name, dropin, instances }) {
    const unit = unitName(name);
    const args = {
      name,
      ...(dropin !== undefined && { dropin }),
      ...(instances && { instances: [...instances] }),
    };
    const file = dropin === undefined ? unit : `${unit} (${dropin})`;
    return [{ kind: 'unit', name: file, absent: { state: 'systemd.unit_absent', args } }];
  },
  needs: (args) => unitsOf(args).map((name) => ({ kind: 'unit', name }) as const),
  read: look,
  plan,
  react,
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
