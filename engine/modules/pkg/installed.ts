/** pkg.installed: packages are there, in the version asked for. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Step } from '../../core/state.ts';
import { installing, joined, names, refresh, version, wantedOf, warnOfNumbers } from './_arguments.ts';
import { holdSteps, refuseHold } from './_hold.ts';
import { commentOf, findMissing, installSteps, type Missing, refuseHeld } from './_install.ts';
import { look } from './_look.ts';
import { judge } from './_manager.ts';
import { readSources } from './_sources.ts';

const properties = {
  ...names,
  ...version,
  ...refresh,
  sources: {
    type: 'array',
    minItems: 1,
    items: { type: 'object', additionalProperties: { type: ['string', 'object'] } },
    description:
      'Packages from .deb or .rpm files: `name: place`, where a place is salt://, http(s):// or an absolute path, ' +
      'or `{source: place, source_hash: sha256=…}`.',
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
  report_reboot_required: {
    type: 'boolean',
    default: false,
    description: 'Warn where packages ask for a reboot (Debian and its like: /run/reboot-required).',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now extends Missing {
  /** Packages that ask for a reboot; undefined where none does. */
  readonly reboot: string | undefined;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const now = await look(reader);
  const files = await readSources(args.sources ?? [], now, reader);
  const again = args.reinstall && reader.recall(reinstalledTopic(args)).length === 0;
  const wanted = args.sources ? [] : wantedOf(args);
  const asked = { wanted, files: 'refused' in files ? [] : files, again };
  const missing = await findMissing(asked, args, now, reader);
  const reboot = args.report_reboot_required ? rebootOf(reader) : undefined;
  return { ...missing, reboot, ...('refused' in files && { refused: files }) };
}

function rebootOf(reader: Reader): string | undefined {
  if (!reader.stat('/run/reboot-required')) return undefined;
  const packages = reader.content('/run/reboot-required.pkgs')?.toString().trim().split('\n') ?? [];
  return [...new Set(packages)].join(', ');
}

function plan(args: Arguments, now: Now): Plan {
  if (now.refused) return now.refused;
  const { database } = now;
  const wish = args.hold ? refuseHold(database) : undefined;
  const steps = [...installSteps(now, args), ...(wish ? [] : keepingSteps(args, now))];
  const warnings = [...warnOfNumbers(args), ...rebootWarning(now)];
  const told = warnings.length > 0 ? { warnings } : {};
  if (steps.length === 0 && !wish)
    return { steps, comment: 'All specified packages are already installed', ...told };
  if (args.reinstall && now.targets.length > 0) steps.push(reinstalled(args));
  const held = args.update_holds || args.hold !== undefined ? undefined : refuseHeld(now);
  return database.closed ?? wish ?? held ?? { steps, ...commentOf(now), ...told };
}

function rebootWarning({ reboot }: Now): string[] {
  if (reboot === undefined) return [];
  return [`A reboot is required${reboot === '' ? '' : ` for ${reboot}`}.`];
}

/** Salt: reinstall. Remembered, so that the proof of the run does not ask for it again. */
function reinstalled(args: Arguments): Step {
  return { effect: { kind: 'remember', topic: reinstalledTopic(args), values: [true] } };
}

function reinstalledTopic({ name }: Arguments): string {
  return `pkg.reinstalled:${name}`;
}

function keepingSteps({ hold }: Arguments, { targets, there, changes, database }: Missing): Step[] {
  const changed = new Set(targets.map(({ name }) => name));
  const concerned = [...there.keys()].filter((name) => {
    const held = there.get(name)?.held ?? false;
    // A package may lose its hold when it is replaced.
    return changed.has(name) ? held || hold === true : hold !== undefined && there.get(name) && held !== hold;
  });
  return holdSteps(hold === false ? 'unhold' : 'hold', concerned, there, database, changes);
}

export default defineState({
  summary: 'the packages are installed in the version asked for',
  description: [
    'The package manager is apt where the grain `os_family` is Debian, and dnf where it is RedHat. All packages of one ' +
      'state are installed by one command, and so are those of `pkg.installed` states next to each other that differ ' +
      'in nothing but packages and versions. A package that provides what is named counts (`mail-transport-agent`, ' +
      '`perl(JSON)`). Changes are the packages that are named, and those that have to go for them; what comes along is ' +
      'told in the comment.',
    "Another run of the package manager is waited for, by its own means. Where dpkg was interrupted, it is first told to finish; where an interrupted rpm left two versions of a package, one goes. Both is told as a change of its own. dnf's versions are " +
      '`2.6.12-1.el9`; without release (`2.6.12`), any release will do. Packages are held by the versionlock plugin there. ' +
      'A package whose %post script failed counts as installed, as rpm has it, and that is told. All of this is proved on ' +
      'Debian 12 and 13 and with the real dnf 4 and rpm.',
  ].join('\n\n'),
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
    {
      title: 'a file from the web, which is fetched only where that version is not installed',
      sls: [
        'couchdb:',
        '  pkg.installed:',
        '    sources:',
        '      - couchdb:',
        '          source: https://packages.example/couchdb_3.3.3_amd64.deb',
        '          source_hash: sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        '',
      ].join('\n'),
    },
  ],
  owns: (args) => {
    const names = args.sources
      ? args.sources.flatMap((one) => (typeof one === 'string' ? [] : Object.keys(one)))
      : wantedOf(args).map(({ name }) => name);
    return names.map((name) => ({ kind: 'package', name, absent: { state: 'pkg.removed', args: { name } } }));
  },
  needs: (args) => [
    { kind: 'packages' },
    ...wantedOf(args)
      .filter((one) => one.version === 'latest')
      .map(({ name }) => ({ kind: 'candidate' as const, name })),
  ],
  read,
  plan,
  judge,
  aggregate: {
    key({ name: _name, pkgs: _pkgs, version: _version, sources, reinstall, ...shared }) {
      return sources || reinstall ? undefined : JSON.stringify(Object.entries(shared).sort());
    },
    join: (all) => ({ ...all[0]!, version: undefined, pkgs: joined(all) }),
  },
});
