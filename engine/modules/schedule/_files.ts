/** The files a job of schedule.present consists of, by cron and by systemd. */
import { createRequire } from 'node:module';
import type { Refusal } from '../../core/state.ts';
import { cronTime, secondsOf, timerLines, type When } from './_when.ts';

const require = createRequire(import.meta.url);

export interface Job extends When {
  readonly title: string;
  /** For /bin/sh. */
  readonly command: string;
  readonly user: string;
  readonly splay?: string | number;
  /** `stable`: the same delay at every run, another one on each node. */
  readonly splayKind: 'stable' | 'random';
  readonly persistent: boolean;
  /** Tells this job of this node from others. */
  readonly seed: string;
}

export interface Names {
  readonly timer: string;
  readonly timerFile: string;
  readonly serviceFile: string;
  readonly cronFile: string;
}

/** A name that is a file name for both; what has to be changed for that is told apart by a hash. */
export function namesOf(name: string): Names {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, 100);
  // converge-watch.service is that of schedule.watch.
  const own = plain === name && name !== 'watch';
  const slug = `converge-${own ? name : `${plain}-${digest(name).toString('hex').slice(0, 6)}`}`;
  return {
    timer: `${slug}.timer`,
    timerFile: `/etc/systemd/system/${slug}.timer`,
    serviceFile: `/etc/systemd/system/${slug}.service`,
    cronFile: `/etc/cron.d/${slug}`,
  };
}

function digest(text: string): Buffer {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  return createHash('sha256').update(text).digest();
}

export interface TimerFiles {
  readonly service: string;
  readonly timer: string;
}

export function timerFiles(job: Job): TimerFiles | Refusal {
  const times = timerLines(spreadOut(job));
  if ('refused' in times) return times;
  const splay = splayOf(job);
  if (typeof splay === 'object') return splay;
  const about = job.title.replaceAll('%', '%%');
  const service = [
    '[Unit]',
    `Description=${about}`,
    '',
    '[Service]',
    'Type=oneshot',
    ...(job.user === 'root' ? [] : [`User=${job.user}`]),
    `ExecStart=/bin/sh -c "${forExec(job.command)}"`,
    // As by cron: what a command leaves behind lives on, and no package manager is killed half way by a power-off.
    'KillMode=process',
    'TimeoutStopSec=900s',
  ];
  const timer = [
    '[Unit]',
    `Description=${about}`,
    '',
    '[Timer]',
    ...times,
    'AccuracySec=1s',
    ...(splay > 0 ? [`RandomizedDelaySec=${splay}s`] : []),
    ...(splay > 0 && job.splayKind === 'stable' ? ['FixedRandomDelay=yes'] : []),
    ...(job.persistent ? ['Persistent=yes'] : []),
    '',
    '[Install]',
    'WantedBy=timers.target',
  ];
  return { service: `${service.join('\n')}\n`, timer: `${timer.join('\n')}\n` };
}

/** systemd.service(5): a word in double quotes; `%` and `$` mean themselves when they are doubled. */
export function forExec(command: string): string {
  return command.replace(/[\\"]/g, '\\$&').replace(/[%$]/g, '$&$&');
}

export function cronFile(job: Job): string | Refusal {
  const time = cronTime(spreadOut(job));
  if (typeof time === 'object') return time;
  const splay = splayOf(job);
  if (typeof splay === 'object') return splay;
  const wait =
    job.splayKind === 'stable'
      ? `sleep ${splay === 0 ? 0 : digest(job.seed).readUInt32BE() % splay}; `
      : `sleep $(($(od -An -N4 -tu4 /dev/urandom) % ${splay})); `;
  // crontab(5): an unescaped % ends the command.
  const command = `${splay > 0 ? wait : ''}${job.command}`.replaceAll('%', '\\%');
  return [
    `# ${job.title}`,
    'SHELL=/bin/sh',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `${time} ${job.user} ${command}`,
    '',
  ].join('\n');
}

/** Nodes that are set up, or come up, together do not all run at once. */
function spreadOut(job: Job): Job {
  return job.every === undefined ? job : { ...job, spread: digest(job.seed).readUInt32BE(4) };
}

function splayOf({ splay }: Job): number | Refusal {
  const seconds = secondsOf(splay ?? 0);
  if (seconds !== undefined) return seconds;
  return { refused: `"${splay}" is no span of time.`, hint: 'Write 30s or 5min.', certain: true };
}
