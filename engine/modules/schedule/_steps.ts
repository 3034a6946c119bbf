/** The steps that bring the files of a job about or take them away, and what follows for its timer. */
import type { Reader, Unit } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import type { Names } from './_files.ts';

/** What of a job is there, in either form. */
export interface Found {
  readonly names: Names;
  /** Path → text; undefined where there is no such file. */
  readonly texts: { readonly [path: string]: string | undefined };
  readonly timer?: Unit;
  readonly rooted: boolean;
  readonly self: Reader['self'];
}

/** The timer is only asked for where there is one, or is to be one. */
export async function findJob(names: Names, reader: Reader, asTimer: boolean): Promise<Found> {
  const paths = [names.timerFile, names.serviceFile, names.cronFile];
  const texts = Object.fromEntries(paths.map((path) => [path, reader.content(path)?.toString('utf8')]));
  const there = asTimer || texts[names.timerFile] !== undefined;
  const timer = there ? (await reader.units([names.timer])).get(names.timer) : undefined;
  return { names, texts, ...(timer && { timer }), rooted: reader.rooted, self: reader.self };
}

export function hasSystemd(reader: Reader): boolean {
  const places = reader.rooted
    ? ['/usr/lib/systemd/systemd', '/lib/systemd/systemd']
    : ['/run/systemd/system'];
  return places.some((at) => reader.stat(at));
}

export function writeStep(path: string, text: string, { texts, self }: Found): Step | undefined {
  if (texts[path] === text) return undefined;
  const effect = { kind: 'write', path, content: Buffer.from(text), mode: 0o644 } as const;
  return {
    change: { subject: path, old: texts[path], new: text, text: true },
    effect: { ...effect, user: self.uid, group: self.gid },
  };
}

export function removeSteps(paths: readonly string[], { texts }: Found): Step[] {
  return paths
    .filter((path) => texts[path] !== undefined)
    .map((path) => ({ change: { subject: path, old: 'file' }, effect: { kind: 'remove', path } }));
}

export function verbStep(
  unit: string,
  verb: 'start' | 'stop' | 'restart' | 'enable' | 'disable',
  change: Change,
): Step {
  return { change, effect: { kind: 'unit', unit, verb } };
}

export function daemonReloadStep({ names }: Found, load: 'loaded' | 'not-found'): Step {
  const settles = [{ about: 'unit', name: names.timer, load, needDaemonReload: false }] as const;
  const command = { argv: ['systemctl', '--no-ask-password', 'daemon-reload'] };
  return { effect: { kind: 'exec', command, settles, foreseen: true } };
}

/** The timer is stopped and disabled, and its files go. */
export function withoutTimer(found: Found): Step[] {
  const { names, timer, rooted } = found;
  const files = removeSteps([names.timerFile, names.serviceFile], found);
  if (files.length === 0) return [];
  const steps: Step[] = [];
  if (timer && timer.active !== 'inactive' && timer.active !== 'failed' && !rooted) {
    steps.push(verbStep(names.timer, 'stop', { subject: 'state', old: timer.active, new: 'inactive' }));
  }
  if (timer?.enabled === 'enabled') {
    const change = { subject: 'enablement', old: 'enabled', new: 'disabled' };
    steps.push(verbStep(names.timer, 'disable', change));
  }
  return [...steps, ...files, ...(rooted ? [] : [daemonReloadStep(found, 'not-found')])];
}
