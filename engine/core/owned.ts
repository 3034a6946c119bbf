/** What states answer for, in the ways that several kinds of states share. */
import type { Owned } from './state.ts';

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
