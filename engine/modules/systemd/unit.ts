/** systemd.unit: the file of a unit, or a drop-in of it, and what becomes of the unit by it. */
import type { Reader, Unit } from '../../core/host.ts';
import { baseOf, parentOf } from '../../core/path.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import {
  type Common,
  defineState,
  type Place,
  type Plan,
  type Refusal,
  type Step,
} from '../../core/state.ts';
import { type SourcedText, textFrom, textSourceProperties } from '../../core/text-source.ts';
import {
  dropinProperty,
  instanceOf,
  isInstance,
  isRunning,
  isTemplate,
  nameProperty,
  pathOf,
  refuseName,
  unitNameOf,
} from './_name.ts';
import { endsByItself, installOf, serviceOfSocket, textOfSections } from './_sections.ts';
import { daemonReloadStep, isEnabled, stateSteps, verbStep } from './_steps.ts';
import { type Verdict, verify } from './_verify.ts';

const properties = {
  ...nameProperty,
  contents: { type: 'string', minLength: 1, description: 'The text of the file.' },
  sections: {
    type: 'object',
    ordered: true,
    description:
      'The file as data: section → setting → value. A list gives a line for each member, null an empty assignment.',
  },
  ...textSourceProperties,
  dropin: dropinProperty,
  instances: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    description: 'Of a template such as `app@.service`: the instances that `running` and `enable` are about.',
  },
  running: {
    type: 'boolean',
    description: 'Whether the unit runs. Unless given, it is neither started nor stopped.',
  },
  enable: {
    type: 'boolean',
    description: 'Whether it is started at boot. Left alone where it is not given.',
  },
  restart: {
    type: 'boolean',
    default: true,
    description: 'Restart a running unit whose file changed; false leaves that to others.',
  },
  reload: {
    type: 'boolean',
    default: false,
    description: 'Reload instead of restart, where the unit can be reloaded.',
  },
  unmask: { type: 'boolean', default: false, description: 'Unmask the unit where it is masked.' },
  verify: {
    type: 'boolean',
    default: true,
    description: 'Have systemd-analyze verify the file before it is put in place.',
  },
  init_delay: {
    type: 'number',
    minimum: 0,
    description: 'Seconds the unit has to stay up after it was started for that to count as success.',
  },
  show_changes: {
    type: 'boolean',
    default: true,
    description: '`false`: the report says that the content changes, but not how.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly unit: string;
  readonly path: string;
  readonly refusal?: Refusal;
  readonly wanted?: SourcedText;
  readonly verdict?: Verdict;
  readonly there?: { readonly content?: string; readonly mode: number; readonly own: boolean };
  /** It is a link to /dev/null, or another one. */
  readonly link?: string;
  readonly folder: boolean;
  /** Those that `running` and `enable` are about. */
  readonly units: readonly Unit[];
  /** Further instances of the template that run. */
  readonly others: readonly Unit[];
  /** The running service of a socket: systemd does not let go of the socket before it has ended. */
  readonly holder?: Unit;
  readonly self: Reader['self'];
  readonly rooted: boolean;
}

function unitsOf({ name, instances }: { readonly name: string; readonly instances?: string[] }): string[] {
  const unit = unitNameOf(name);
  return isTemplate(unit) ? (instances ?? []).map((one) => instanceOf(unit, one)) : [unit];
}

async function read(args: Arguments, reader: Reader, place: Place): Promise<Now> {
  const unit = unitNameOf(args.name);
  const path = pathOf(unit, args.dropin);
  const names = unitsOf(args);
  const { self, rooted } = reader;
  const now: Now = { unit, path, folder: false, units: [], others: [], self, rooted };
  const refusal =
    [unit, ...names].map((one) => refuseName(one, args.dropin)).find(Boolean) ?? refuseArguments(args, unit);
  if (refusal) return { ...now, refusal };
  const found = names.length > 0 ? await reader.units(names) : new Map<string, Unit>();
  const wanted = await textOf(args, reader, place);
  if ('refused' in wanted) return { ...now, refusal: wanted };
  const stat = reader.stat(path);
  const there = stat && {
    content: stat.kind === 'file' ? reader.content(path)?.toString('utf8') : undefined,
    mode: stat.mode,
    own: stat.uid === self.uid && stat.gid === self.gid,
  };
  const same = there?.content === wanted.text;
  return {
    ...now,
    wanted,
    ...(there && { there }),
    link: reader.link(path),
    folder: reader.stat(parentOf(path)) !== undefined,
    units: names.map((one) => found.get(one)!),
    ...(!same && {
      verdict: args.verify
        ? await verify(wanted.text, { unit, ...(args.dropin && { dropin: baseOf(path) }) }, reader)
        : undefined,
      holder: unit.endsWith('.socket') ? await holderOf(unit, wanted.text, reader) : undefined,
      others: isTemplate(unit) && there && !rooted ? await instancesOf(unit, names, reader) : [],
    }),
  };
}

function refuseArguments(args: Arguments, unit: string): Refusal | undefined {
  const given = [args.contents, args.sections, args.source].filter((one) => one !== undefined);
  if (given.length !== 1) {
    return { refused: 'Exactly one of contents, sections and source has to be given.', certain: true };
  }
  if (args.instances !== undefined && !isTemplate(unit)) {
    return { refused: `${unit} is no template, so it has no instances.`, certain: true };
  }
  if (isTemplate(unit) && !args.instances && (args.running !== undefined || args.enable !== undefined)) {
    return {
      refused: `${unit} is a template: only its instances run.`,
      hint: 'Name them by `instances`.',
      certain: true,
    };
  }
  return undefined;
}

function textOf(args: Arguments, reader: Reader, place: Place) {
  if (args.sections === undefined) {
    const { contents } = args;
    const whole = contents === undefined || contents.endsWith('\n') ? contents : `${contents}\n`;
    return textFrom({ ...args, contents: whole }, reader, place);
  }
  const text = textOfSections(args.sections);
  return typeof text === 'string' ? { text } : text;
}

async function holderOf(socket: string, text: string, reader: Reader): Promise<Unit | undefined> {
  const service = serviceOfSocket(socket, text);
  const unit = service && (await reader.units([service])).get(service);
  return unit && isRunning(unit) ? unit : undefined;
}

/** Only asked where the template changes. */
async function instancesOf(template: string, known: readonly string[], reader: Reader): Promise<Unit[]> {
  const argv = ['systemctl', '--no-pager', '--plain', '--no-legend', '--full', 'list-units'];
  const { stdout } = await reader.ask({ argv });
  const names = stdout.split('\n').map((line) => line.trim().split(/\s+/)[0]!);
  const others = names.filter((name) => isInstance(name, template) && !known.includes(name));
  return others.length > 0 ? [...(await reader.units(others)).values()] : [];
}

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

function fileSteps(args: Arguments, { path, there, wanted, folder, link, self }: Now): Step[] {
  const steps: Step[] = [];
  if (!folder) {
    const parent = parentOf(path);
    steps.push({
      change: { subject: parent, new: 'directory' },
      effect: { kind: 'directory', path: parent, mode: 0o755 },
    });
  }
  const owner = { user: self.uid, group: self.gid, mode: 0o644 };
  if (there?.content === wanted!.text) {
    if (there.mode !== 0o644) {
      const change = { subject: 'mode', old: octal(there.mode), new: '0644' };
      steps.push({ change, effect: { kind: 'attributes', path, mode: 0o644 } });
    }
    if (!there.own) {
      const change = { subject: 'owner', old: 'another', new: 'root' };
      steps.push({ change, effect: { kind: 'attributes', path, user: self.uid, group: self.gid } });
    }
    return steps;
  }
  const shown = args.show_changes
    ? { old: there?.content, new: wanted!.text, text: true }
    : { old: there && '<show_changes=False>', new: '<show_changes=False>' };
  const old = link !== undefined && link !== '/dev/null' ? { old: `a link to ${link}`, text: false } : {};
  steps.push({
    change: { subject: 'content', ...shown, ...old },
    effect: { kind: 'write', path, content: Buffer.from(wanted!.text), ...owner },
    ...(wanted!.locate && { locate: wanted!.locate }),
  });
  return steps;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Enabled units whose [Install] changed are enabled anew, for their links follow from it. */
function enableSteps(wanted: boolean, unit: Unit, now: Now, prefix: string, warnings: string[]): Step[] {
  const subject = `${prefix}enablement`;
  const whole = !now.path.endsWith('.conf');
  const install = whole ? installOf(now.wanted!.text) : undefined;
  if (!wanted) {
    return isEnabled(unit) && unit.enabled !== 'generated'
      ? [verbStep(unit.name, 'disable', { subject, old: unit.enabled, new: 'disabled' })]
      : [];
  }
  const fixed = whole ? install === undefined : ['static', 'transient'].includes(unit.enabled);
  if (fixed) {
    warnings.push(`${unit.name} cannot be enabled: it has no [Install] section, other units start it.`);
    return [];
  }
  if (!isEnabled(unit)) {
    return [verbStep(unit.name, 'enable', { subject, old: unit.enabled, new: 'enabled' })];
  }
  const before = now.there?.content === undefined ? install : installOf(now.there.content);
  if (!whole || before === install) return [];
  const change = { subject: `${prefix}installation`, old: before, new: install };
  return [verbStep(unit.name, 'disable'), verbStep(unit.name, 'enable', change)];
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
  needs: (args) => unitsOf(args).map((name) => ({ kind: 'unit', name }) as const),
  read,
  plan,
  react,
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
