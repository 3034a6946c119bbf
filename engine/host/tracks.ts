/** Looks at what an effect touches before it does, as far as the run has not looked yet, and makes notes of it. */
import * as fs from 'node:fs';
import { baseOf, join, parentOf } from '../core/path.ts';
import { type Keeper, type Note, type Trace, Unkept } from '../core/undo.ts';
import { entriesOf, type Place } from './entries.ts';
import type { Files } from './files.ts';
import { openSpot, type Spot } from './spot.ts';
import type { Touch } from './touches.ts';

export interface Tracks {
  /** Throws what the file system says, HostTrouble and Unkept. */
  before(touches: readonly Touch[]): Note[];
  /** What is there now of what was looked at last. */
  after(): Note[];
  /** The effect does not take place, or nobody can tell what it did. */
  forget(): void;
}

export interface TracksOptions {
  readonly keeper: Keeper;
  readonly files: Files;
  readonly self: { readonly uid: number };
}

/** Bytes of a file up to which they are read again to tell later whether they are the same. */
const hashed = 1 << 24;

const absent: Trace = { kind: 'absent' };

export function createTracks({ keeper, files, self }: TracksOptions): Tracks {
  /** What this run has kept of a path: later changes of it are its own. */
  const known = new Map<string, 'attributes' | 'all' | Set<string>>();
  /** Paths at which nothing was. */
  const made = new Set<string>();
  /** What the present effect touches, by its real paths. */
  let touched: Touch[] = [];
  /** What is to be noted once the effect has taken place, where it cannot be seen then. */
  let foretold: Note[] = [];

  function placed<T>(path: string, work: (place: Place) => T): T {
    using spot = spotAt(path);
    if (spot) return work({ path: join(spot.folder(), spot.name), at: spot.at });
    const real = join(files.resolve(parentOf(path)), baseOf(path));
    return work({ path: real, at: real });
  }

  /** Undefined where the folder it would lie in is only about to be made, by a command. */
  function spotAt(path: string): Spot | undefined {
    try {
      return openSpot(path, undefined, self.uid);
    } catch (error) {
      if (files.stat(parentOf(path)) === undefined) return undefined;
      throw error;
    }
  }

  /** Whether it is in something that the run made: then nothing was there before, whatever came since. */
  function isNew(path: string): boolean {
    for (let at = path; at !== '/'; at = parentOf(at)) if (made.has(at)) return true;
    return false;
  }

  /** Undefined where all of it is known already. */
  function noteOf({ path, at }: Place, part: Touch['part'], from?: string): Note | undefined {
    const before = known.get(path);
    if (before === 'all' || (before !== undefined && part === 'attributes')) return undefined;
    if (part === 'attributes') {
      known.set(path, part);
      return { about: 'path', path, was: keeper.look(at, 'leave'), part };
    }
    if (typeof part === 'string') {
      known.set(path, 'all');
      const was = isNew(path) ? absent : keeper.look(at, 'keep');
      if (was.kind === 'absent') made.add(path);
      return { about: 'path', path, was, ...(from === undefined ? {} : { from }) };
    }
    const records = before instanceof Set ? before : new Set<string>();
    if (records.has(part.record)) return undefined;
    known.set(path, records.add(part.record));
    const was = keeper.look(at, records.size === 1 ? 'keep' : 'leave');
    return { about: 'path', path, was, part: { records: [part.record] } };
  }

  /** A whole folder, which goes, or goes elsewhere; or a single file. */
  function notesOfTree(tree: Place, to: Place | undefined): Note[] {
    const { places, bytes, odd } = entriesOf(tree);
    const fresh = isNew(tree.path);
    if (!fresh && bytes > keeper.room()) {
      return notesOfLarge(tree, to, `it holds ${bytes} bytes, for which undo_size leaves no room`);
    }
    const notes = odd.map(
      (path): Note => ({ about: 'lost', what: `A file in ${path} went whose name is not UTF-8.` }),
    );
    function add(note: Note | undefined): void {
      if (note) notes.push(note);
    }
    for (const place of places) {
      if (known.has(place.path) || place === places[0]) {
        foretold.push({ about: 'left', path: place.path, now: absent });
      }
      // What came and goes within the run need not be written down.
      const note = fresh && place !== places[0] ? undefined : noteOf(place, 'all');
      add(note);
      if (!to) continue;
      const target = to.path + place.path.slice(tree.path.length);
      add(noteOf({ path: target, at: to.at + place.at.slice(tree.at.length) }, 'all', place.path));
      const was =
        note?.about === 'path' && note.was.kind !== 'absent' ? note.was : keeper.look(place.at, 'leave');
      foretold.push({ about: 'left', path: target, now: was });
    }
    return notes;
  }

  /** It stays where it was moved to, as the only one there is. */
  function notesOfLarge(tree: Place, to: Place | undefined, unkept: string): Note[] {
    if (keeper.strict) throw new Unkept(unkept);
    keeper.trouble(`${tree.path} cannot be kept: ${unkept}`);
    known.set(tree.path, 'all');
    if (to) known.set(to.path, 'all');
    return [{ about: 'path', path: tree.path, was: { ...keeper.look(tree.at, 'leave'), unkept } }];
  }

  /** Read at its real place: what is seen there is only compared. */
  function leftOf({ path, part, content }: Touch): Note {
    const base = { about: 'left', path } as const;
    if (typeof part === 'object') {
      const records = { [part.record]: recordHash(path, part.record) };
      return { ...base, now: keeper.look(path, 'leave'), records };
    }
    const reads = part === 'all' && content === undefined && (files.stat(path)?.size ?? 0) <= hashed;
    const now = keeper.look(path, reads ? 'hash' : 'leave');
    const hash = content && now.kind === 'file' ? { hash: keeper.hashOf(content) } : {};
    return { ...base, now: { ...now, ...hash } };
  }

  function recordHash(at: string, key: string): string | null {
    const text = fs.readFileSync(at, 'latin1');
    const line = text.split('\n').find((one) => one.startsWith(`${key}:`));
    return line === undefined ? null : keeper.hashOf(Buffer.from(line, 'latin1'));
  }

  return {
    before(touches) {
      return touches.flatMap((touch) =>
        placed(touch.path, (place) => {
          const { part, to } = touch;
          if (part === 'tree' && to !== undefined) return placed(to, (target) => notesOfTree(place, target));
          if (part === 'tree') return notesOfTree(place, undefined);
          touched.push({ ...touch, path: place.path });
          const note = noteOf(place, part);
          return note ? [note] : [];
        }),
      );
    },
    after() {
      const notes = touched.flatMap((touch): Note[] => {
        try {
          return [leftOf(touch)];
        } catch (error) {
          // Then nobody will be asked whether it was changed since.
          if (error instanceof Error && 'code' in error) return [];
          throw error;
        }
      });
      return [...notes, ...foretold];
    },
    forget() {
      touched = [];
      foretold = [];
    },
  };
}
