/** The unit of `converge watch`, and how this machine stands to it. */
import { createRequire } from 'node:module';
import type { Reader, Unit } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { watchStamp, watchUnit, watchUnitFile } from '../../core/watch-unit.ts';
import { forExec } from './_files.ts';

const require = createRequire(import.meta.url);

export interface Service {
  readonly title: string;
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Seconds; 0: systemd does not look after it. */
  readonly watchdog: number;
  readonly stopTimeout: number;
}

/** docs/watch.md says why of each line. */
export function unitText({ title, words, watchdog, stopTimeout }: Service): string {
  const text = [
    '[Unit]',
    `Description=${title.replaceAll('%', '%%')}`,
    'Wants=network-online.target',
    'After=network-online.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=main',
    `ExecStart=${words.map(word).join(' ')}`,
    // Not every machine has a program of that name.
    `ExecReload=/bin/sh -c "kill -HUP $\{MAINPID}"`,
    'Environment=HOME=/root',
    ...(watchdog > 0 ? [`WatchdogSec=${watchdog}s`] : []),
    'Restart=always',
    'RestartSec=2s',
    'RestartPreventExitStatus=64',
    'KillMode=process',
    `TimeoutStopSec=${stopTimeout}s`,
    'OOMPolicy=continue',
    'UMask=0022',
    'LockPersonality=yes',
    'RestrictRealtime=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const stamp = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return text.replace('Environment=HOME', `Environment=${watchStamp}=${stamp}\nEnvironment=HOME`);
}

/** Of a command line of systemd.service(5). */
function word(text: string): string {
  return /^[\w@+=:,./-]+$/.test(text) ? text : `"${forExec(text)}"`;
}

export interface Standing {
  readonly text: string | undefined;
  readonly unit: Unit;
  /** The process looks after its unit itself, as `converge watch` does. */
  readonly follows: boolean;
  readonly rooted: boolean;
  readonly self: Reader['self'];
}

export async function standingOf(reader: Reader): Promise<Standing> {
  const unit = (await reader.units([watchUnit])).get(watchUnit)!;
  const text = reader.content(watchUnitFile)?.toString('utf8');
  return {
    text,
    unit,
    follows: follows(unit, reader),
    rooted: reader.rooted,
    self: reader.self,
  };
}

function follows({ mainPid }: Unit, reader: Reader): boolean {
  if (mainPid === 0) return true;
  try {
    const environment = reader.content(`/proc/${mainPid}/environ`)?.toString('latin1');
    return environment === undefined || `\0${environment}`.includes(`\0${watchStamp}=`);
  } catch {
    // It has just ended.
    return true;
  }
}

/** What is on its way to a start or an end is left alone. */
export function isUp({ unit: { active } }: Standing): boolean {
  return active !== 'inactive' && active !== 'failed';
}

export function daemonReload(load: 'loaded' | 'not-found'): Step {
  return systemctl(['daemon-reload'], { load, needDaemonReload: false });
}

export function systemctl(words: readonly string[], becomes: Partial<Unit>, change?: Change): Step {
  const settles = [{ about: 'unit', name: watchUnit, ...becomes }] as const;
  const command = { argv: ['systemctl', '--no-ask-password', ...words] };
  return { ...(change && { change }), effect: { kind: 'exec', command, settles, foreseen: true } };
}
