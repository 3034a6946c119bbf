/** schedule.present: a command runs again and again, by cron or by a timer of systemd. */
import type { Reader } from '../../core/host.ts';
import { defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { type Arguments, jobOf, properties, refuseArguments } from './_arguments.ts';
import { cronFile, type Job, namesOf, type TimerFiles, timerFiles } from './_files.ts';
import {
  daemonReloadStep,
  type Found,
  findJob,
  hasSystemd,
  removeSteps,
  verbStep,
  withoutTimer,
  writeStep,
} from './_steps.ts';

interface Now {
  readonly found?: Found;
  readonly wanted: string | TimerFiles | Refusal;
  readonly crond: boolean;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const crond = reader.stat('/etc/cron.d') !== undefined;
  const refusal = refuseArguments(args, reader);
  if (refusal) return { wanted: refusal, crond };
  const job = jobOf(args, reader);
  const asTimer = args.with === 'timer' || (args.with === 'auto' && isForTimer(args, job, reader));
  const wanted = asTimer ? timerFiles(job) : cronFile(job);
  const found = await findJob(namesOf(args.name), reader, asTimer);
  if (
    typeof wanted === 'object' &&
    'timer' in wanted &&
    wanted.timer !== found.texts[found.names.timerFile]
  ) {
    const wrong = await refuseCalendar(args.calendar, reader);
    if (wrong) return { wanted: wrong, crond };
  }
  return { found, wanted, crond };
}

const daemons = ['/usr/sbin/cron', '/usr/sbin/crond'];

/** cron is everywhere and easily understood, so it is preferred. */
function isForTimer(args: Arguments, job: Job, reader: Reader): boolean {
  if (!hasSystemd(reader)) return false;
  if (args.persistent || typeof cronFile(job) === 'object') return true;
  return reader.stat('/etc/cron.d') === undefined || !daemons.some((at) => reader.stat(at));
}

/** Only asked where the timer changes. */
async function refuseCalendar(calendar: string | undefined, reader: Reader): Promise<Refusal | undefined> {
  if (calendar === undefined || reader.rooted || !reader.stat('/usr/bin/systemd-analyze')) return undefined;
  const outcome = await reader.probe({ argv: ['systemd-analyze', 'calendar', '--', calendar] });
  if (outcome.status === 0 || outcome.status === 127) return undefined;
  return {
    refused: `"${calendar}" is no calendar of systemd: ${outcome.stderr.trim()}.`,
    hint: 'See systemd.time(7), for example "Mon..Fri 03:00".',
    certain: true,
  };
}

function plan(_: Arguments, { found, wanted, crond }: Now): Plan {
  if (typeof wanted === 'object' && 'refused' in wanted) return wanted;
  const { names } = found!;
  if (typeof wanted === 'string') {
    if (!crond) {
      return {
        refused: 'There is no /etc/cron.d here.',
        hint: 'Install the package cron (Debian) or cronie (RHEL, SUSE) in an earlier state.',
      };
    }
    const write = writeStep(names.cronFile, wanted, found!);
    return [...withoutTimer(found!), ...(write ? [write] : [])];
  }
  return [...removeSteps([names.cronFile], found!), ...timerSteps(wanted, found!)];
}

function timerSteps(wanted: TimerFiles, found: Found): Step[] {
  const { names, rooted } = found;
  const timer = found.timer!;
  const files = [
    writeStep(names.serviceFile, wanted.service, found),
    writeStep(names.timerFile, wanted.timer, found),
  ].filter((step) => step !== undefined);
  const steps = [...files];
  if (!rooted && (files.length > 0 || timer.needDaemonReload)) steps.push(daemonReloadStep(found, 'loaded'));
  if (timer.enabled !== 'enabled') {
    steps.push(
      verbStep(names.timer, 'enable', { subject: 'enablement', old: timer.enabled, new: 'enabled' }),
    );
  }
  if (rooted) return steps;
  const old = timer.active;
  const renewed = found.texts[names.timerFile] !== wanted.timer || timer.needDaemonReload;
  if (old !== 'active') steps.push(verbStep(names.timer, 'start', { subject: 'state', old, new: 'active' }));
  else if (renewed) {
    steps.push(verbStep(names.timer, 'restart', { subject: 'state', old, new: 'restarted' }));
  }
  return steps;
}

export default defineState({
  summary: 'this command runs at these times',
  description: `
The job is a file in /etc/cron.d, or a timer and a service of systemd; whichever it was before goes away. The command is
handed to /bin/sh as it is written: \`%\` and \`$\` mean what they mean to the shell.

A timer runs the command without delay where the run before it took too long, and never twice at a time; cron starts it
whether it still runs or not. What a timer's command prints is in the journal of \`converge-NAME.service\`. Where that
is stopped, the command alone gets SIGTERM and has a quarter of an hour to end; what it has started is left alone, as by cron.

Unlike Salt: schedule.present lets the node's own cron or systemd run a command; there is no scheduler in converge, so it
takes no \`function\`, \`job_args\`, \`returner\` and the like.`,
  properties,
  examples: [
    {
      title: 'converge itself, every quarter of an hour, each node at minutes of its own',
      sls: `converge regularly:
  schedule.present:
    - converge: highstate
    - every: 15min
`,
    },
    {
      title: 'a command as another user, at a time of the calendar of systemd',
      sls: `report:
  schedule.present:
    - command: /usr/local/bin/report "$(date +%F)"
    - user: nobody
    - calendar: Mon..Fri 06:30
    - with: timer
    - persistent: true
`,
    },
  ],
  // Where cron will do, nothing is asked of systemd.
  owns: ({ name }) => [
    { kind: 'schedule', name: name, absent: { state: 'schedule.absent', args: { name } } },
  ],
  needs: (args) =>
    args.with === 'timer' || args.calendar !== undefined || args.persistent
      ? [{ kind: 'unit', name: namesOf(args.name).timer }]
      : [],
  read,
  plan,
  // Commands without a change of their own only finish what other steps changed.
  judge: () => ({ changes: {} }),
});
