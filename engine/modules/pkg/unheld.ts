/** pkg.unheld: packages may be upgraded. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { names, refuseNames, wantedOf } from './_arguments.ts';
import { holdSteps } from './_hold.ts';
import { find, look } from './_look.ts';
import { judge } from './_manager.ts';

const properties = {
  ...names,
  all: {
    type: 'boolean',
    default: false,
    description: 'Let go of every held package instead of those named.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

async function read(args: Arguments, reader: Reader) {
  const { packages, database } = await look(reader);
  const asked = args.all ? [] : wantedOf(args);
  const found = args.all
    ? packages.values()
    : asked.map(({ name }) => find(name, packages, database.manager));
  const held = new Map([...found].flatMap((one) => (one?.held ? [[one.name, one] as const] : [])));
  return { database, refused: refuseNames(asked, database.manager), held };
}

function plan(_args: Arguments, { database, refused, held }: Awaited<ReturnType<typeof read>>): Plan {
  if (refused) return refused;
  if (held.size === 0) return { steps: [], comment: 'No package is held' };
  return database.closed ?? holdSteps('unhold', [...held.keys()], held, database);
}

export default defineState({
  summary: 'the packages may be upgraded',
  properties,
  examples: [{ title: 'every held package', sls: 'let go:\n  pkg.unheld:\n    all: true\n' }],
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});
