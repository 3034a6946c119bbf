/** Keeps the old content of a file that is about to be replaced. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HostTrouble, type WriteEffect } from '../core/host.ts';
import { copyFile } from './atomic.ts';
import type { Spot } from './spot.ts';
import { temporaryName } from './sweep.ts';

/**
 * Beside the file under its name and a suffix (an older one is replaced), or in the store under the file's own
 * path, one file per moment: `STORE/etc/motd/2026-01-31T12:00:00.000Z`. A backup keeps owner, mode and times.
 */
export function keepBackup(
  backup: NonNullable<WriteEffect['backup']>,
  spot: Spot,
  store: string | undefined,
): void {
  const old = fs.lstatSync(spot.at);
  const owned = { uid: old.uid, gid: old.gid, mode: old.mode & 0o7777 };
  if ('suffix' in backup) {
    const temporary = spot.beside(temporaryName());
    try {
      copyFile(spot.at, temporary, owned, old);
      fs.renameSync(temporary, spot.beside(spot.name + backup.suffix));
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
    return;
  }
  if (store === undefined) throw new HostTrouble(`${spot.path} has no place for its backup.`);
  const folder = path.join(store, spot.path);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  copyFile(spot.at, path.join(folder, freeName(folder)), owned, old);
}

/** Two backups in one millisecond are told apart by a number. */
function freeName(folder: string): string {
  const moment = new Date().toISOString();
  for (let number = 0; ; number++) {
    const name = number === 0 ? moment : `${moment}.${number}`;
    if (!fs.existsSync(path.join(folder, name))) return name;
  }
}
