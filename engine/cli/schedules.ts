/** The jobs of cron and systemd that run converge on this node, as schedule.present has left them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../journal/file.ts';
import { nextTime, type Times, timesInCron, timesInTimer } from '../modules/schedule/_next.ts';

export interface Job extends Times {
  readonly file: string;
}

export interface Whereabouts {
  /** `/`, or that of another machine's files. */
  readonly root: string;
  /** The settings file, where it is not the usual one: jobs that go by another tell of another history. */
  readonly config: string | undefined;
}

export function scheduledJobs({ root, config }: Whereabouts): Job[] {
  const cron = join(root, 'etc/cron.d');
  const units = join(root, 'etc/systemd/system');
  const jobs = [
    ...namesIn(cron, /^converge-[^.]+$/).map((name) => ({
      file: join(cron, name),
      ...timesInCron(textOf(join(cron, name))),
    })),
    ...namesIn(units, /^converge-.*\.timer$/).map((name) => ({
      file: join(units, name),
      ...timesInTimer(textOf(join(units, name)), textOf(join(units, name.replace(/timer$/, 'service')))),
    })),
  ];
  return jobs.filter(
    (job): job is Job =>
      job.command !== undefined && runsNode(job.command) && configOf(job.command) === config,
  );
}

/** Whether systemd starts `converge watch` at boot, as schedule.watch has set it up. */
export function startsWatch({ root, config }: Whereabouts): boolean {
  const units = join(root, 'etc/systemd/system');
  const wanted = namesIn(join(units, 'multi-user.target.wants'), /^converge-watch\.service$/).length > 0;
  return wanted && configOf(textOf(join(units, 'converge-watch.service'))) === config;
}

/** A job of another kind, or of a tree that is tried out, says nothing of how the node is. */
function runsNode(command: string): boolean {
  return /\b(highstate|apply)\b.* --cause\b/.test(command);
}

function configOf(command: string): string | undefined {
  return /--config[ =](\S+)/.exec(command)?.[1];
}

/** The first run of any of them after this moment, at its latest. Milliseconds since the epoch. */
export function nextRun(jobs: readonly Job[], after: number): number | undefined {
  const moments = jobs.flatMap((job) => {
    const next = nextTime(job, new Date(after))?.getTime();
    return next === undefined ? [] : [next + job.delay * 1000];
  });
  return moments.length === 0 ? undefined : Math.min(...moments);
}

function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
}
