/** The report for CI of a run, and of one that never began. */
import { resolve } from 'node:path';
import type { RunOrder } from '../core/chunk.ts';
import type { Place, Trouble } from '../core/diagnostic.ts';
import type { ChunkResult } from '../core/event.ts';
import { originIn } from '../core/high.ts';
import { writeReport } from '../journal/outlet.ts';
import { createJunitReporter, type JunitOptions, troubleAsJunit } from '../report/junit.ts';
import type { Reporter } from '../report/reporter.ts';
import { readExcerpt } from './excerpt.ts';
import type { Options } from './given.ts';
import type { Streams } from './main.ts';
import type { World } from './world.ts';

export function junitReporter(file: string, order: RunOrder, world: World, streams: Streams): Reporter {
  return createJunitReporter(optionsFor(file, world, streams, (result) => placeOf(result, order, world)));
}

/** Says on stderr where it cannot be written. `world`: undefined where not even the settings could be read. */
export function writeTrouble(
  { diagnostics }: Trouble,
  options: Options,
  world: World | undefined,
  streams: Streams,
): void {
  const file =
    world?.settings.junit ?? (options.junit === undefined ? undefined : resolve(streams.cwd, options.junit));
  if (file === undefined) return;
  const how = optionsFor(file, world, streams, () => undefined);
  how.write(troubleAsJunit(diagnostics, how));
}

function optionsFor(
  file: string,
  world: World | undefined,
  { stderr }: Streams,
  place: JunitOptions['placeOf'],
): JunitOptions {
  return {
    write(document) {
      try {
        writeReport(file, document);
      } catch (error) {
        stderr.write(`converge: the report ${file} cannot be written: ${(error as Error).message}.\n`);
      }
    },
    mask: (text) => world?.secrets.mask(text) ?? text,
    readSource: (source) => readExcerpt(source, world?.settings.isSecret ?? (() => false)),
    node: world?.id ?? '',
    pendingFails: world?.settings.detailedExitcode === true,
    placeOf: place,
    began: new Date().toISOString(),
  };
}

function placeOf(result: ChunkResult, { states }: RunOrder, { secrets }: World): Place | undefined {
  const found = states.find(
    ({ chunk }) =>
      chunk.state === result.state &&
      secrets.mask(chunk.id) === result.id &&
      secrets.mask(chunk.name) === result.name,
  );
  return found && originIn(found.chunk.declaration.sls, found.chunk.declaration.path, 'key').place();
}
