/** pkg.held: packages are kept in the version they have. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { names, refuseNames, wantedOf } from './_arguments.ts';
import { holdSteps, lockedBy, refuseHold } from './_hold.ts';
import { find, look } from './_look.ts';
import { judge } from './_manager.ts';

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
  const { packages, database } = await look(reader);
  const asked = wantedOf(args);
  const there = new Map(asked.map(({ name }) => [name, find(name, packages, database.manager)]));
  const named = new Set([...there.values()].map((found) => found?.name));
  const others = args.replace
    ? [...new Set(packages.values())].filter(({ held, name }) => held && !named.has(name))
    : [];
  return { database, refused: refuseNames(asked, database.manager), there, others };
}

function plan(_args: Arguments, now: Awaited<ReturnType<typeof read>>): Plan {
  const { database, there } = now;
  if (now.refused) return now.refused;
  const absent = [...there].filter(([, found]) => found?.state !== 'installed').map(([name]) => name);
  if (absent.length > 0) {
    return {
      refused: `Not installed, so not held: ${absent.join(', ')}.`,
      hint: 'Require the state that installs it.',
    };
  }
  const names = [...there.keys()].filter((name) => !there.get(name)?.held);
  if (names.length === 0 && now.others.length === 0)
    return { steps: [], comment: 'All specified packages are already held' };
  return database.closed ?? refuseHold(database) ?? steps(names, now);
}

/** The second is planned for what the first leaves. */
function steps(names: readonly string[], { database, there, others }: Awaited<ReturnType<typeof read>>) {
  const held = holdSteps('hold', names, there, database);
  const free = new Map(others.map((one) => [one.name, one]));
  return [...held, ...holdSteps('unhold', [...free.keys()], free, lockedBy(held, database))];
}

export default defineState({
  summary: 'the packages are kept in the version they have',
  description:
    "With apt that is a hold of dpkg, with dnf a lock of its plugin versionlock (python3-dnf-plugin-versionlock), read from and written to the plugin's list.",
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
