/** What states answer for, in the ways that several kinds of states share. */
import type { Owned } from './state.ts';

/** Kinds of things that some state removes: what a run can be told to prune. */
export const removableKinds: readonly string[] = [
  ...['file', 'link', 'directory', 'tree', 'cron', 'schedule', 'unit', 'repository', 'package'],
  ...['user', 'group', 'ssh-key', 'known-host', 'host', 'mount', 'swap', 'sysctl', 'limit', 'kmod'],
  ...['alternative', 'selinux-port', 'selinux-label'],
];

/**
 * A path: `tree` is a directory with all that is in it. A name that is no absolute path is refused by the state itself.
 */
export function ownedPath(kind: 'file' | 'directory' | 'tree' | 'link', name: string): Owned[] {
  if (!name.startsWith('/')) return [];
  return [{ kind, name, absent: { state: 'file.absent', args: { name } } }];
}

/** A unit of systemd: it is not removed with the wish that it runs. */
export function ownedUnit(name: string): Owned[] {
  const suffixed = /\.(service|socket|timer|target|path|mount|automount|swap|slice|scope|device)$/.test(name);
  return [{ kind: 'unit', name: suffixed ? name : `${name}.service` }];
}
