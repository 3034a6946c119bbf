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
  const all = readMemory(requireJournal(world.settings)).flatMap(outlines);
  all.sort(
    ({ outline: one }, { outline: other }) => compare(one.kind, other.kind) || compare(one.name, other.name),
  );
  const found = names.map((name) => all.filter(({ outline }) => answersFor(outline, name, streams.cwd)));
  const chosen = names.length === 0 ? all : [...new Set(found.flat())];
  const placeOf = chosen.length === 0 ? () => undefined : await placesOf(world);
  const shown = chosen.map(({ outline, key }) => {
    const isCurrent = outline.orphan_since === undefined && sameTree(outline.tree, states);
    const place = isCurrent ? placeOf(key) : undefined;
    return place ? { ...outline, file: place.file, line: place.line } : outline;
  });
  if (output === 'json') streams.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  else if (output === 'ndjson') streams.stdout.write(shown.map((one) => `${JSON.stringify(one)}\n`).join(''));
  else if (names.length === 0 && shown.length === 0) streams.stdout.write('Nothing was applied yet.\n');
  else
    streams.stdout.write(
      ownershipLines(shown, states)
        .map((line) => `${line}\n`)
        .join(''),
    );
  const lacking = names.filter((_, at) => found[at]!.length === 0);
  for (const name of lacking) streams.stderr.write(`converge: nothing that was applied owns ${name}.\n`);
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

interface Entry {
  readonly outline: OwnershipOutline;
  readonly key: string;
}

function outlines({ roots, states, leftovers }: TreeMemory): Entry[] {
  const entry = ({ thing, at, ...author }: Omit<Leftover, 'since'>, since?: number): Entry => ({
    key: stateKey(author),
    outline: {
      kind: thing.kind,
      name: thing.name,
      state: `${author.state}.${author.fun}`,
      id: author.id,
      sls: author.sls,
      applied: new Date(at).toISOString(),
      ...(since !== undefined && { orphan_since: new Date(since).toISOString() }),
      tree: roots,
    },
  });
  const owned = [...states.values()].flatMap(({ owns, ...author }) =>
    owns.map((thing) => entry({ ...author, thing })),
  );
  return [...owned, ...leftovers.map(({ since, ...one }) => entry(one, since))];
}

/** By its own name, by the path of something in it, or by what is usually left out of a name. */
function answersFor({ kind, name }: OwnershipOutline, asked: string, cwd: string): boolean {
  if (!isPath({ kind })) return [asked, `${asked}.service`].includes(name) || name.endsWith(`: ${asked}`);
  const path = thingKey({ kind, name: resolve(cwd, asked) });
  const own = thingKey({ kind, name });
  return path === own || ((kind === 'tree' || kind === 'directory') && path.startsWith(`${own}/`));
}
