/** pkg.installed: packages are there, in the version asked for. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Step } from '../../core/state.ts';
import { judge } from './_apt.ts';
import { installing, names, refresh, version, wantedOf, warnOfNumbers } from './_arguments.ts';
import { readDebs } from './_deb.ts';
import { holdStep } from './_hold.ts';
import { findMissing, installSteps, type Missing, refuseHeld } from './_install.ts';
import { refuseRoot } from './_look.ts';

const properties = {
  ...names,
  ...version,
  ...refresh,
  sources: {
    type: 'array',
    minItems: 1,
    items: { type: 'object', additionalProperties: { type: 'string' } },
    description:
      'Packages from .deb files: `name: place`, where a place is salt://, http(s):// or an absolute path.',
  },
  hold: {
    type: 'boolean',
    description:
      'Whether the packages are kept from being upgraded by others. Left alone where it is not given.',
  },
  update_holds: {
    type: 'boolean',
    default: false,
    description: 'Change held packages too; they are held afterwards as before. Otherwise that is refused.',
  },
  ...installing,
  ignore_epoch: {
    type: 'boolean',
    description:
      'Whether versions are compared without epoch. By default, where the wanted version names none.',
  },
  allow_updates: {
    type: 'boolean',
    default: false,
    description: 'A version newer than the wanted one will do.',
  },
  reinstall: {
    type: 'boolean',
    default: false,
    description: 'Install once in every run, even what is there.',
  },
  normalize: {
    type: 'boolean',
    description: "Accepted for Salt's sake: Debian's names need no normalising.",
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

async function read(args: Arguments, reader: Reader): Promise<Missing> {
  const debs = await readDebs((args.sources ?? []) as { [name: string]: string }[], reader);
  const again = args.reinstall && reader.recall(reinstalledTopic(args)).length === 0;
  const wanted = args.sources ? [] : wantedOf(args);
  const missing = await findMissing(
    { wanted, debs: 'refused' in debs ? [] : debs, again },
    optionsOf(args),
    reader,
  );
  return 'refused' in debs ? { ...missing, refused: debs } : missing;
}

/** A pin that is moved takes its hold with it. */
function optionsOf(args: Arguments): Arguments {
  return { ...args, update_holds: args.update_holds || args.hold !== undefined };
}

function plan(args: Arguments, now: Missing): Plan {
  const options = optionsOf(args);
  if (now.refused) return now.refused;
  const steps = [...installSteps(now, options), ...holdSteps(args, now)];
  const warnings = warnOfNumbers(args);
  if (steps.length === 0) return { steps, comment: 'All specified packages are already installed', warnings };
  if (args.reinstall && now.targets.length > 0) steps.push(reinstalled(args));
  return (
    refuseRoot(now.database) ?? (options.update_holds ? undefined : refuseHeld(now)) ?? { steps, warnings }
  );
}

/** Salt: reinstall. Remembered, so that the proof of the run does not ask for it again. */
function reinstalled(args: Arguments): Step {
  return { effect: { kind: 'remember', topic: reinstalledTopic(args), values: [true] } };
}

function reinstalledTopic({ name }: Arguments): string {
  return `pkg.reinstalled:${name}`;
}

function holdSteps({ hold }: Arguments, { targets, there, changes }: Missing): Step[] {
  const changed = new Set(targets.map(({ name }) => name));
  const names = [...there.keys()].filter((name) => {
    const held = there.get(name)?.held ?? false;
    // A package may lose its hold when it is replaced.
    return changed.has(name) ? held || hold === true : hold !== undefined && there.has(name) && held !== hold;
  });
  const verb = hold === false ? 'unhold' : 'hold';
  return names.length === 0 ? [] : [holdStep(verb, names, there, changes)];
}

export default defineState({
  summary: 'the packages are installed in the version asked for',
  description:
    'All packages of one state are installed by one command. A virtual package counts as installed where another ' +
    'package provides it. Where dpkg was interrupted, it is first told to finish.',
  properties,
  examples: [
    { title: 'one package', sls: 'haproxy:\n  pkg.installed\n' },
    {
      title: 'several packages, one of them in a certain version that is held',
      sls: [
        'web:',
        '  pkg.installed:',
        '    pkgs:',
        '      - curl',
        "      - haproxy: '2.6.*'",
        '    hold: true',
        '    install_recommends: false',
        '',
      ].join('\n'),
    },
    {
      title: 'a version that is neither too old nor too new',
      sls: "haproxy:\n  pkg.installed:\n    version: '>=2.4,<2.9'\n    fromrepo: bookworm-backports\n",
    },
  ],
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});
