/** Who is told of a run: what is printed, and the reports that the settings ask for. */
import type { RunOrder } from '../core/chunk.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Streams } from './main.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

export async function createReporter(order: RunOrder, world: World, streams: Streams): Promise<Reporter> {
  const { junit } = world.settings;
  const shown = await screen(world.settings, streams);
  if (junit === undefined) return shown;
  const { junitReporter } = await import('./junit.ts');
  const filed = junitReporter(junit, order, world, streams);
  return {
    handle(event) {
      shown.handle(event);
      filed.handle(event);
    },
    flush() {
      shown.flush();
      filed.flush();
    },
  };
}

async function screen(settings: Settings, { stdout, stderr, env }: Streams): Promise<Reporter> {
  const write = (text: string): void => stdout.write(text);
  switch (settings.output) {
    case 'json':
      return (await import('../report/json.ts')).createJsonReporter({ write });
    case 'ndjson':
      return (await import('../report/ndjson.ts')).createNdjsonReporter({ write });
    default: {
      const { createHumanReporter } = await import('../report/human.ts');
      const { readExcerpt } = await import('./excerpt.ts');
      const { speaksUtf8, wantsColour } = await import('../report/colour.ts');
      return createHumanReporter({
        write,
        color: wantsColour(settings.color, { isTTY: stdout.isTTY === true, env }),
        unicode: speaksUtf8(env),
        stateOutput: settings.stateOutput,
        quiet: settings.output === 'quiet',
        context: settings.context,
        readSource: (file) => readExcerpt(file, settings.isSecret),
        ...(stderr.isTTY && settings.output !== 'quiet'
          ? { progress: { write: (text: string) => stderr.write(text), columns: stderr.columns ?? 80 } }
          : {}),
      });
    }
  }
}
