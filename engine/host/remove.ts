/** Removes a file or a whole directory without following a link and without leaving its file system. */
import * as fs from 'node:fs';
import type { Failed } from '../core/host.ts';
import type { Spot } from './spot.ts';
import { failed } from './trouble.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;

/** Refuses before anything is gone where something is mounted inside. */
export function removeTree(spot: Spot): Failed | undefined {
  const stats = fs.lstatSync(spot.at);
  if (!stats.isDirectory()) {
    fs.unlinkSync(spot.at);
  } else {
    const mounted = mountedInside(`${spot.folder() === '/' ? '' : spot.folder()}/${spot.name}`);
    if (mounted !== undefined) {
      const where = mounted === '' ? 'it' : `${spot.path}${mounted}`;
      return failed(
        `${spot.path} is not removed: ${where} is a mount point.`,
        'Unmount it first, or name what is to be removed below it.',
      );
    }
    emptyFolder(spot.at, stats.dev);
    fs.rmdirSync(spot.at);
  }
  spot.sync();
  return undefined;
}

/** Each folder is held open while its entries go, so it cannot be swapped for a link to another one. */
function emptyFolder(at: string, device: number): void {
  const fd = fs.openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    if (fs.fstatSync(fd).dev !== device) throw Object.assign(new Error(at), { code: 'EXDEV' });
    for (const name of fs.readdirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' })) {
      const entry = Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name]);
      if (!fs.lstatSync(entry).isDirectory()) fs.unlinkSync(entry);
      else {
        emptyFolder(nameOf(entry), device);
        fs.rmdirSync(entry);
      }
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Names need not be UTF-8, and Node takes them as bytes wherever it takes text. */
function nameOf(path: Buffer): string {
  return path as unknown as string;
}

/** The rest of the path of something mounted at or below `folder` (proc_pid_mountinfo(5)). */
function mountedInside(folder: string): string | undefined {
  for (const line of fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const point = line
      .split(' ')[4]
      ?.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
    if (point === folder || point?.startsWith(`${folder}/`)) return point.slice(folder.length);
  }
  return undefined;
}
