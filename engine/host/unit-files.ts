/** Finds files of a unit that systemd has not noticed: it only watches those it has already read. */
import type { Reader } from '../core/host.ts';

/** In the order in which one hides the next (systemd.unit(5)). */
export const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export interface UnitFiles {
  readonly id: string;
  /** FragmentPath, '' where there is none. */
  readonly fragment: string;
  /** DropInPaths. */
  readonly dropIns: readonly string[];
}

/**
 * NeedDaemonReload stays "no" for a new folder of drop-ins and for a file in /etc that now hides one in /usr/lib,
 * because systemd remembers which paths existed; so they are looked for here.
 */
export function isUnnoticed(unit: UnitFiles, look: Pick<Reader, 'stat' | 'list' | 'resolve'>): boolean {
  const names = namesOf(unit.id);
  const known = new Set(unit.dropIns.map((path) => look.resolve(path)));
  const seen = new Set<string>();
  for (const folder of unitFolders) {
    for (const name of names) {
      for (const file of look.list(`${folder}/${name}.d`) ?? []) {
        if (!file.endsWith('.conf') || seen.has(file)) continue;
        seen.add(file);
        if (!known.has(look.resolve(`${folder}/${name}.d/${file}`))) return true;
      }
    }
  }
  const file = names
    .flatMap((name) => unitFolders.map((folder) => `${folder}/${name}`))
    .find((at) => look.stat(at));
  if (file === undefined || unit.fragment === '') return false;
  const real = look.resolve(file);
  // An alias leads to another name, and a mask to /dev/null: systemd says that in other ways.
  if (!names.some((name) => real.endsWith(`/${name}`))) return false;
  return real !== look.resolve(unit.fragment);
}

/** An instance is made of its template where it has no file of its own. */
function namesOf(id: string): string[] {
  const template = id.replace(/@[^.]+\./, '@.');
  return template === id ? [id] : [id, template];
}
