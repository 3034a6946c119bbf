/** `converge owns`: which state answers for what, as the last runs left it. */
import { resolve } from 'node:path';
import { type Place, Trouble } from '../../core/diagnostic.ts';
import { originIn } from '../../core/high.ts';
import { type Leftover, readMemory, sameTree, stateKey, type TreeMemory } from '../../journal/applied.ts';
import { isPath, thingKey } from '../../journal/orphans.ts';
import { type OwnershipOutline, ownershipLines } from '../../report/ownership.ts';
import type { Command } from '../arguments.ts';
import { low } from '../compilation.ts';
import { exitCodes, type Streams } from '../main.ts';
import { requireJournal } from '../settings.ts';
import { createWorld, type World } from '../world.ts';

type OwnsCommand = Extract<Command, { verb: 'owns' }>;

export async function ownsCommand({ names, options }: OwnsCommand, streams: Streams): Promise<number> {
  const world = await createWorld(options, streams);
  const { output, states } = world.settings;
  const memories = readMemory(requireJournal(world.settings));
  const place = memories.some(({ roots }) => sameTree(roots, states))
    ? await placesOf(world)
    : () => undefined;
  const all = memories.flatMap((memory) =>
    outlines(memory, sameTree(memory.roots, states) ? place : () => undefined),
  );
  all.sort((one, other) => compare(one.kind, other.kind) || compare(one.name, other.name));
  const found = names.map((name) => [name, all.filter((one) => answersFor(one, name, streams.cwd))] as const);
  const shown = names.length === 0 ? all : [...new Set(found.flatMap(([, some]) => some))];
  if (output === 'json') streams.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  else if (output === 'ndjson') streams.stdout.write(shown.map((one) => `${JSON.stringify(one)}\n`).join(''));
  else
    streams.stdout.write(
      ownershipLines(shown, states)
        .map((line) => `${line}\n`)
        .join(''),
    );
  const lacking = found.filter(([, some]) => some.length === 0);
  for (const [name] of lacking) streams.stderr.write(`converge: nothing that was applied owns ${name}.\n`);
  if (names.length === 0 && all.length === 0 && output === 'human')
    streams.stdout.write('Nothing was applied yet.\n');
  return lacking.length > 0 ? exitCodes.failed : exitCodes.converged;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

type PlaceOf = (key: string) => Place | undefined;

/** Where the tree declares its states now; a tree that does not compile tells nothing. */
async function placesOf(world: World): Promise<PlaceOf> {
  try {
    const { chunks } = await low(world, undefined);
    const mask = (text: string) => world.secrets.mask(text);
    const known = new Map(
      chunks.map((chunk) => [
        stateKey({ state: chunk.state, id: mask(chunk.id), name: mask(chunk.name) }),
        chunk.declaration,
      ]),
    );
    return (key) => {
      const declaration = known.get(key);
      return declaration && originIn(declaration.sls, declaration.path, 'key').place();
    };
  } catch (error) {
    if (error instanceof Trouble) return () => undefined;
    throw error;
  }
}

function outlines(memory: TreeMemory, place: PlaceOf): OwnershipOutline[] {
  const outline = ({ thing, at, ...author }: Omit<Leftover, 'since'>): OwnershipOutline => {
    const { kind, name } = thing;
    const where = place(stateKey(author));
    return {
      kind,
      name,
      state: `${author.state}.${author.fun}`,
      id: author.id,
      sls: author.sls,
      ...(where && { file: where.file, line: where.line }),
      applied: new Date(at).toISOString(),
      tree: memory.roots,
    };
  };
  return [
    ...[...memory.states.values()].flatMap(({ owns, state, fun, id, name, sls, at }) =>
      owns.map((thing) => outline({ thing, state, fun, id, name, sls, at })),
    ),
    ...memory.leftovers.map(({ since, ...one }) => {
      const { file: _, line: __, ...gone } = outline(one);
      return { ...gone, orphan_since: new Date(since).toISOString() };
    }),
  ];
}

/** By its own name, by the path of something in it, or by what is usually left out of a name. */
function answersFor({ kind, name }: OwnershipOutline, asked: string, cwd: string): boolean {
  if (!isPath({ kind })) return [asked, `${asked}.service`].includes(name) || name.endsWith(`: ${asked}`);
  const path = thingKey({ kind, name: resolve(cwd, asked) });
  const own = thingKey({ kind, name });
  return path === own || ((kind === 'tree' || kind === 'directory') && path.startsWith(`${own}/`));
}
