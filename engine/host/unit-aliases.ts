/** Finds other names of units: links between unit files, such as `sshd.service` for `ssh.service`. */
import * as fs from 'node:fs';
import { basename, extname } from 'node:path';
import { unitFolders } from './unit-files.ts';

/** Name of a unit → its aliases. */
export function unitAliases(
  folders: readonly string[] = unitFolders,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  // /lib/systemd is mostly /usr/lib/systemd.
  for (const folder of new Set(folders.map((folder) => realOf(folder) ?? folder))) {
    for (const entry of entriesOf(folder)) {
      if (!entry.isSymbolicLink()) continue;
      const alias = entry.name;
      const real = realOf(`${folder}/${alias}`);
      if (real === undefined) continue;
      const name = basename(real);
      // A mask leads to /dev/null, and what is linked from elsewhere is called the same.
      if (name === alias || extname(name) !== extname(alias)) continue;
      // An instance that is made of a template is no alias of it.
      if (name.includes('@.')) continue;
      found.set(name, (found.get(name) ?? new Set()).add(alias));
    }
  }
  return new Map([...found].map(([name, aliases]) => [name, [...aliases]]));
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function realOf(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return undefined;
  }
}
