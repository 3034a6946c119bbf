/** pkg.held: packages are kept in the version they have. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { judge } from './_apt.ts';
import { names, refuseNames, wantedOf } from './_arguments.ts';
import { holdStep } from './_hold.ts';
import { find, refuseRoot } from './_look.ts';

const properties = {
  ...names,
  replace: {
    type: 'boolean',
    default: false,
    description: 'Let go of every held package that is not named here.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

async function read(args: Arguments, reader: Reader) {
  const packages = await reader.packages();
  const asked = wantedOf(args);
  const there = new Map(asked.map(({ name }) => [name, find(name, packages)]));
  const named = new Set([...there.values()].map((found) => found?.name));
  const others = args.replace
    ? [...new Set(packages.values())].filter(({ held, name }) => held && !named.has(name))
    : [];
  return { rooted: reader.rooted, refused: refuseNames(asked), there, others };
}

function plan(_args: Arguments, { rooted, refused, there, others }: Awaited<ReturnType<typeof read>>): Plan {
  if (refused) return refused;
  const absent = [...there].filter(([, found]) => found?.state !== 'installed').map(([name]) => name);
  if (absent.length > 0) {
    return {
      refused: `Not installed, so not held: ${absent.join(', ')}.`,
      hint: 'Require the state that installs it.',
    };
  }
  const names = [...there.keys()].filter((name) => !there.get(name)?.held);
  const steps = [
    ...(names.length > 0 ? [holdStep('hold', names, there)] : []),
    ...(others.length > 0
      ? [holdStep('unhold', others.map(nameOf), new Map(others.map((one) => [nameOf(one), one])))]
      : []),
  ];
  if (steps.length === 0) return { steps, comment: 'All specified packages are already held' };
  return refuseRoot({ rooted }) ?? steps;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

export default defineState({
  summary: 'the packages are kept in the version they have',
  properties,
  examples: [
    {
      title: 'one package',
      sls: 'install curl:\n  pkg.installed:\n    name: curl\n\nkeep curl:\n  pkg.held:\n    name: curl\n    require:\n      - pkg: install curl\n',
    },
  ],
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});
