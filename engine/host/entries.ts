/** Lists a whole tree: what goes with its folder when that is removed or moved. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Unkept } from '../core/undo.ts';

/** A path without links but for a last one, and where it is for system calls. */
export interface Place {
  readonly path: string;
  readonly at: string;
}

export interface Entries {
  /** The folder first. */
  readonly places: readonly Place[];
  /** Of the files among them. */
  readonly bytes: number;
  /** Folders that hold names which are not UTF-8, and so cannot be written down. */
  readonly odd: readonly string[];
}

/** Beyond so many, a log of them helps nobody. */
const most = 50_000;

/** Nothing is followed. Throws what the file system says, and Unkept. */
export function entriesOf(tree: Place): Entries {
  const places: Place[] = [];
  const odd: string[] = [];
  let bytes = 0;
  const stack: Place[] = [tree];
  while (stack.length > 0) {
    const place = stack.pop()!;
    if (places.length >= most) throw new Unkept(`it holds more than ${most} files`);
    places.push(place);
    const stats = fs.lstatSync(place.at, { throwIfNoEntry: false });
    if (stats?.isFile()) bytes += stats.size;
    if (!stats?.isDirectory()) continue;
    for (const name of fs.readdirSync(place.at, { encoding: 'buffer' })) {
      const text = name.toString();
      if (!Buffer.from(text).equals(name)) odd.push(place.path);
      else stack.push({ path: join(place.path, text), at: `${place.at}/${text}` });
    }
  }
  return { places, bytes, odd };
}
