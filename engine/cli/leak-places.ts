/** Where a secret may lie open: logs, what converge itself keeps, histories of shells, files that everybody may read. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOrder } from '../core/chunk.ts';
import type { Place } from '../host/leaks.ts';
import type { Settings } from './settings.ts';

/** Families of states whose name is a folder that they fill. */
const filling = ['archive', 'file', 'git', 'svn'];

/** In the order in which they are worth looking at, should time run out. */
export function leakPlaces(settings: Settings, order: RunOrder | undefined): Place[] {
  const at = (path: string) => (settings.root === undefined ? path : join(settings.root, path));
  const anyone = (path: string): Place => ({ path, open: false });
  const everybody = (path: string): Place => ({ path, open: true });
  return [
    ...(settings.journal === undefined ? [] : kept(settings.journal)),
    ...(settings.cache === false ? [] : [anyone(settings.cache)]),
    anyone(at('/var/log')),
    ...homes(at('/root'), at('/home')).flatMap(histories).map(anyone),
    everybody(at('/etc')),
    everybody(settings.backups),
    ...(order ? managed(order).map(at).map(everybody) : []),
    everybody(at('/tmp')),
    everybody(at('/var/tmp')),
  ];
}

/** What the journal of runs says holds no secrets; the copies of files that it keeps may. */
function kept(folder: string): Place[] {
  const names = namesIn(folder);
  return names.map((name) => ({
    path: join(folder, name),
    open: !(name === 'runs' || /\.(json|ndjson|prom|xml|txt)$/.test(name)),
  }));
}

function homes(root: string, home: string): string[] {
  return [root, ...namesIn(home).map((name) => join(home, name))];
}

/** What shells and clients keep of what was typed. */
function histories(home: string): string[] {
  return namesIn(home)
    .filter((name) => /^\..*hist(ory)?$|^\.viminfo$|^\.lesshst$/.test(name))
    .map((name) => join(home, name));
}

/** Files that states name, and folders that they fill. */
function managed(order: RunOrder): string[] {
  const paths = new Set<string>();
  for (const { chunk, args } of order.states) {
    for (const [key, value] of Object.entries(args)) {
      if (typeof value !== 'string' || !/^\/[^/]/.test(value)) continue;
      if (filling.includes(chunk.state) || key !== 'name') paths.add(value);
      else if (/\.\w+$/.test(value)) paths.add(value);
    }
  }
  return [...paths];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
