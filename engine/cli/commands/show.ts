/** `converge show …`: what the compiler makes of the trees, and what it knows of the node. */
import type { Chunk, Runnable } from '../../core/chunk.ts';
import type { High } from '../../core/high.ts';
import { type Plain, toPlain } from '../../core/value.ts';
import type { Command } from '../arguments.ts';
import { low, ordered, read, topOf } from '../compilation.ts';
import { exitCodes, type Streams } from '../main.ts';
import { createWorld, type World } from '../world.ts';

type Show = Extract<Command, { verb: 'show' }>;

export async function showCommand(command: Show, streams: Streams): Promise<number> {
  const world = await createWorld(command.options, streams);
  const shown = await shownValue(command, world);
  if (world.settings.output === 'human' || world.settings.output === 'quiet') {
    const { stringify } = await import('yaml');
    // YAML 1.1 is what a reader of SLS takes it for: the text 'off' has to be told from false.
    streams.stdout.write(stringify(shown, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }));
  } else streams.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  return exitCodes.converged;
}

async function shownValue({ what, names }: Show, world: World): Promise<Plain> {
  const wanted = names.length > 0 ? names : undefined;
  switch (what) {
    case 'top':
      return { base: (await topOf(world)).entries.map(({ name }) => name) };
    case 'sls':
      return Object.fromEntries((await read(world, wanted)).map(({ name, value }) => [name, toPlain(value)]));
    case 'highstate':
      return highData((await low(world, wanted)).high);
    case 'lowstate':
      return (await low(world, wanted)).chunks.map(lowData);
    case 'order': {
      const { states } = await ordered((await low(world, wanted)).chunks);
      return states.map(({ chunk, ...runnable }, index) => ({
        run_num: index,
        id: chunk.id,
        state: `${chunk.state}.${chunk.fun}`,
        name: chunk.name,
        sls: chunk.sls,
        order: chunk.order,
        ...waitsFor(runnable),
      }));
    }
    case 'pillar':
      return lookedUp(wanted, toPlain(await world.pillar()), (path) => world.lookUp('pillar', path));
    case 'grains':
      return lookedUp(wanted, toPlain(world.grains), (path) => world.lookUp('grains', path));
  }
}

/** A state that others name by `prereq` waits for them, and they do not wait for it. */
function waitsFor({ requisites, prerequired }: Pick<Runnable, 'requisites' | 'prerequired'>): {
  waits_for?: Plain;
} {
  const named = Object.entries(requisites).flatMap(([kind, targets]) =>
    kind.startsWith('prereq') ? [] : (targets ?? []),
  );
  const states = [...named, ...prerequired];
  const names = new Set(states.map(({ chunk }) => `${chunk.state}: ${chunk.id}`));
  return names.size > 0 ? { waits_for: [...names] } : {};
}

/** All of it, or the members at colon paths. */
async function lookedUp(
  paths: readonly string[] | undefined,
  all: Plain,
  member: (path: string) => Promise<unknown>,
): Promise<Plain> {
  if (!paths) return all;
  const entries = await Promise.all(paths.map(async (path) => [path, toPlain(await member(path))] as const));
  return Object.fromEntries(entries);
}

function highData(high: High): Plain {
  return Object.fromEntries(
    [...high.values()].map(({ id, sls, states }) => [
      id,
      {
        ...Object.fromEntries(
          [...states.values()].map(({ state, fun, args }) => [
            state,
            [...args.map(({ key, value }) => ({ [key]: toPlain(value) })), fun],
          ]),
        ),
        __sls__: sls.name,
        __env__: 'base',
      },
    ]),
  );
}

/** The documented shape: arguments and requisites as the user wrote them. */
function lowData(chunk: Chunk): Plain {
  const { state, fun, id, name, sls, order, written } = chunk;
  const own = [...written.values()].filter(({ key }) => key !== 'name' && key !== 'order');
  return {
    state,
    fun,
    __id__: id,
    name,
    __sls__: sls,
    order,
    ...Object.fromEntries(own.map(({ key, value }) => [key, toPlain(value)])),
  };
}
