/** `converge status`: how this node is, at a glance. */
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { Trouble } from '../../core/diagnostic.ts';
import { wantsColour } from '../../report/colour.ts';
import { document } from '../../report/json.ts';
import { statusLines } from '../../report/status.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';
import { scheduledJobs, startsWatch } from '../schedules.ts';
import { readSettings, requireJournal } from '../settings.ts';
import { statusOf } from '../standing.ts';

type StatusCommand = Extract<Command, { verb: 'status' }>;

export async function statusCommand({ options }: StatusCommand, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const journal = requireJournal(settings);
  requireReadable(journal);
  const now = Date.now();
  const config = options.config === undefined ? undefined : resolve(streams.cwd, options.config);
  const where = { root: '/', config };
  const status = statusOf(journal, settings, {
    now,
    jobs: scheduledJobs(where),
    enabled: startsWatch(where),
  });
  const { stdout, env } = streams;
  if (settings.output === 'json') stdout.write(document(status));
  else if (settings.output === 'ndjson') stdout.write(`${JSON.stringify(status)}\n`);
  else {
    const color = wantsColour(settings.color, { isTTY: stdout.isTTY === true, env });
    const lines = statusLines(status, { color, now });
    stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
  return status.good ? exitCodes.converged : exitCodes.failed;
}

/** What nobody may read must not pass for a node without runs. */
function requireReadable(journal: string): void {
  try {
    accessSync(journal, constants.R_OK | constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new Trouble([
      {
        code: 'file-unreadable',
        message: `The history in ${journal} cannot be read: ${(error as Error).message}.`,
        hint: 'Run converge status as root.',
      },
    ]);
  }
}
