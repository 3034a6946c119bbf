/** pkg.unheld: packages may be upgraded. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { judge } from './_apt.ts';
import { names, refuseNames, wantedOf } from './_arguments.ts';
import { holdStep } from './_hold.ts';
import { find, refuseRoot } from './_look.ts';

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
  const packages = await reader.packages();
  const asked = args.all ? [] : wantedOf(args);
  const found = args.all ? packages.values() : asked.map(({ name }) => find(name, packages));
  const held = new Map([...found].flatMap((one) => (one?.held ? [[one.name, one] as const] : [])));
  return { rooted: reader.rooted, refused: refuseNames(asked), held };
}

function plan(_args: Arguments, { rooted, refused, held }: Awaited<ReturnType<typeof read>>): Plan {
  if (refused) return refused;
  if (held.size === 0) return { steps: [], comment: 'No package is held' };
  return refuseRoot({ rooted }) ?? [holdStep('unhold', [...held.keys()], held)];
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
