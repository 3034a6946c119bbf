/** Finds out which file system of this machine an error speaks of, and what of it ran out. */
import * as fs from 'node:fs';
import { dirname } from 'node:path';

export interface Disk {
  /** Where it is mounted. */
  readonly at: string;
  /** It could hold more bytes, but not one more file. */
  readonly lacksInodes: boolean;
}

/** The disk on which `path` lies or would lie. Undefined where even that cannot be found out. */
export function diskOf(path: string): Disk | undefined {
  try {
    let at = fs.realpathSync(nearest(path));
    const { dev } = fs.statSync(at);
    while (at !== '/' && fs.statSync(dirname(at)).dev === dev) at = dirname(at);
    // File systems without a table of inodes (btrfs) have 0 of them, all told.
    const { files, ffree, bavail } = fs.statfsSync(at);
    return { at, lacksInodes: files > 0 && ffree === 0 && bavail > 0 };
  } catch {
    return undefined;
  }
}

/** The thing itself or the innermost of its folders that exists. A link lies in its folder, wherever it leads. */
function nearest(path: string): string {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isSymbolicLink() ? path : nearest(dirname(path));
}
