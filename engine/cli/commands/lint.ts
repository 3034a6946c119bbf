/** `converge lint`: every mistake that can be found without touching, or even having, the host. */

import { lowState } from '../../compile/compile.ts';
import type { Runnable, RunOrder } from '../../core/chunk.ts';
import { type Diagnostic, Trouble } from '../../core/diagnostic.ts';
import { originIn, valueOrigin } from '../../core/high.ts';
import { ArgumentTrouble, HostTrouble, type Reader } from '../../core/host.ts';
import type { Sls } from '../../core/sls.ts';
import { createNowhere } from '../../host/nowhere.ts';
import { findSls, slsMatching } from '../../source/find-sls.ts';
import type { SlsSource } from '../../source/parse-file.ts';
import { readStates } from '../../source/sls.ts';
import type { Command } from '../arguments.ts';
import { low, ordered, requireRoots } from '../compilation.ts';
import { exitCodes, type Streams } from '../main.ts';
import { createWorld, type World } from '../world.ts';

type Lint = Extract<Command, { verb: 'lint' }>;

export async function lintCommand({ sls, options }: Lint, streams: Streams): Promise<number> {
  const world = await createWorld(options, streams);
  requireRoots(world);
  const { checked, unchecked, diagnostics } = await examine(world, sls);
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  if (world.settings.output === 'json' || world.settings.output === 'ndjson') {
    streams.stdout.write(`${JSON.stringify({ errors: [], checked, unchecked })}\n`);
  } else if (world.settings.output === 'human') {
    streams.stdout.write(
      `${checked.length} SLS ${checked.length === 1 ? 'file' : 'files'} checked, no errors.\n`,
    );
    if (unchecked.length > 0) {
      streams.stdout.write(
        `Not checked, because the pillar of this node has nothing for them: ${unchecked.join(', ')}.\n`,
      );
    }
  }
  return exitCodes.converged;
}

interface Examined {
  readonly checked: readonly string[];
  /** Nobody asked for them, and the pillar has nothing that they could be rendered with. */
  readonly unchecked: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Named files are checked as one run. Without names: what the top file gives this node as one run, and every other
 * file by itself, as far as it can be judged alone (its requisites may lie in files that are applied with it).
 */
async function examine(world: World, names: readonly string[]): Promise<Examined> {
  const found = new Map<string, Diagnostic>();
  async function collect(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      for (const one of error.diagnostics) {
        const place = one.origin?.place();
        found.set(JSON.stringify([one.code, one.message, place?.file, place?.line, place?.column]), one);
      }
    }
  }
  const source = await world.states();
  await collect(async () => {
    const pillar = await world.pillar();
    if (!pillar.has('beacons') && !pillar.has('reactor')) return;
    const { readWatchConfig } = await import('../beacons.ts');
    await readWatchConfig(world);
  });
  const checked = new Set<string>();
  const unchecked: string[] = [];
  async function run(wanted: readonly string[] | undefined): Promise<void> {
    const { chunks, high } = await low(world, wanted);
    for (const { sls } of high.values()) checked.add(sls.name);
    const order = await ordered(chunks);
    await collect(async () => {
      const trouble = await rehearsed(world, order);
      if (trouble.length > 0) throw new Trouble(trouble);
    });
  }
  if (names.length > 0) {
    await collect(() => run(names));
    for (const name of names) checked.add(name);
  } else {
    if (source.tree.find('top.sls') ?? source.tree.find('top.yaml')) await collect(() => run(undefined));
    for (const name of slsMatching(source.tree, '*')) {
      if (checked.has(name)) continue;
      await collect(async () => {
        if (!findSls(source.tree, name)) return;
        checked.add(name);
        const files = await readAlone(source, name);
        if (!files) {
          checked.delete(name);
          unchecked.push(name);
          return;
        }
        const order = await alone(lowState(files, { partial: true }).chunks);
        // What its templates lack may come from the files it is applied with; sources and arguments do not.
        const own = ['file-not-found', 'bad-argument'];
        const wrong = (await rehearsed(world, order)).filter(({ code }) => own.includes(code));
        if (wrong.length > 0) throw new Trouble(wrong);
      });
    }
  }
  return { checked: [...checked].sort(), unchecked: unchecked.sort(), diagnostics: [...found.values()] };
}

/** Undefined where it lacks its part of the pillar: the node may have no use for it. */
async function readAlone(source: SlsSource, name: string): Promise<Sls[] | undefined> {
  try {
    return await readStates(source, [name]);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    const others = error.diagnostics.filter(({ code }) => code !== 'no-pillar');
    if (others.length > 0) throw new Trouble(others);
    return undefined;
  }
}

/** Reads every state on a machine that is empty, so that its templates are rendered and its sources looked for. */
async function rehearsed(world: World, { states }: RunOrder): Promise<Diagnostic[]> {
  const nowhere = createNowhere(await world.given());
  const found: Diagnostic[] = [];
  for (const runnable of states) found.push(...(await rehearse(runnable, nowhere)));
  return found;
}

async function rehearse({ chunk, definition, args }: Runnable, nowhere: Reader): Promise<Diagnostic[]> {
  const missing: string[] = [];
  const reader: Reader = {
    ...nowhere,
    source(url) {
      const source = nowhere.source(url);
      if (!('missing' in source)) missing.length = 0;
      // Another host may have what this machine lacks: only the file roots are judged.
      else if (!/^(?:\/|file:|https?:)/.test(url)) missing.push(source.missing);
      return source;
    },
  };
  const place = chunk.written.get('source') ?? chunk.written.get('sources');
  const { sls, path } = chunk.declaration;
  try {
    await definition.read(args, reader, { id: chunk.id, sls: chunk.sls });
  } catch (error) {
    if (error instanceof Trouble) return [...error.diagnostics];
    if (!(error instanceof HostTrouble)) throw error;
    if (error instanceof ArgumentTrouble) {
      const { message, hint } = error;
      return [{ code: 'bad-argument', message, origin: originIn(sls, path, 'key'), hint }];
    }
  }
  return missing.map((message) => ({
    code: 'file-not-found',
    message: `The ID "${chunk.id}" names a file that is not there: ${message}.`,
    origin: place ? valueOrigin(place) : originIn(sls, path, 'key'),
    hint: 'Correct the path or add the file.',
  }));
}

/** Checks the states of one file without looking for what their requisites name. */
async function alone(chunks: ReturnType<typeof lowState>['chunks']): Promise<RunOrder> {
  const bare = chunks.map((chunk) => ({
    ...chunk,
    written: new Map([...chunk.written].filter(([key]) => !isWaiting(key))),
  }));
  return ordered(bare);
}

function isWaiting(key: string): boolean {
  return /^(?:require|watch|onchanges|onfail|prereq|listen)(?:_any|_all)?$/.test(key);
}
