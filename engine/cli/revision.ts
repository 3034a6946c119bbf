/** Which commit a tree is at, read from the files of git, without git. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Of the first file root that lies in a work tree. */
export function revisionOf(roots: readonly string[]): { readonly revision?: string } {
  for (const root of roots) {
    const folder = gitFolder(root);
    const revision = folder && headOf(folder);
    if (revision) return { revision };
  }
  return {};
}

function gitFolder(start: string): string | undefined {
  for (let at = resolve(start); ; at = dirname(at)) {
    const entry = join(at, '.git');
    const stat = statSync(entry, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return entry;
    // A linked work tree: gitrepository-layout(5).
    const linked = stat?.isFile() ? /^gitdir: (.+)$/m.exec(read(entry) ?? '')?.[1] : undefined;
    if (linked) return resolve(at, linked);
    if (at === dirname(at)) return undefined;
  }
}

function headOf(folder: string): string | undefined {
  const head = read(join(folder, 'HEAD'))?.trim();
  if (head === undefined || /^[0-9a-f]{40,64}$/.test(head)) return head;
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (ref === undefined) return undefined;
  const common = resolve(folder, read(join(folder, 'commondir'))?.trim() ?? '.');
  const loose = read(join(common, ref))?.trim();
  if (loose) return loose;
  const packed = read(join(common, 'packed-refs')) ?? '';
  return packed
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0];
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
