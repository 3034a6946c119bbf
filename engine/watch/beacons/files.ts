/** Beacon `files`: whatever runs looked at, and the tree they come from, at the kernel's own pace. */
import { type FSWatcher, lstatSync, realpathSync, type Stats, statSync, watch } from 'node:fs';
import { baseOf, join, parentOf } from '../../core/path.ts';
import type { Targets } from '../../core/watch.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';

/** Nothing there ever tells that it changes. */
const silent = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** Milliseconds by which the time of a file may lie before that of the clock: file systems count in ticks. */
const clockGrain = 20;

/** Milliseconds after which folders that could not be watched are tried again. */
const again = 60_000;

/** Names in a folder, each with the paths that it matters to; `''`: any name in it. */
type Names = Map<string, Set<string>>;

interface Folder {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

class Files implements Beacon {
  readonly #means: Means;
  readonly #folders = new Map<string, Folder>();
  #wanted = new Map<string, Names>();
  #targets: Targets | undefined;
  /** Folders whose coming and going decides where a path is. */
  #stages = new Map<string, Names>();
  #sources: { close(): Promise<void> } | undefined;
  #sourceRoots = '';
  readonly #reals = new Map<string, string | undefined>();
  readonly #links = new Map<string, boolean>();
  #blind = 0;
  #retry: Disposable | undefined;
  #stopped = false;

  constructor(means: Means) {
    this.#means = means;
  }

  aim(targets: Targets): void {
    const same = targets.paths === this.#targets?.paths;
    this.#targets = targets;
    if (!same) this.#arrange();
    this.#watchSources(targets);
  }

  tell(): string {
    const blind = this.#blind > 0 ? `, ${this.#blind} folders cannot be watched` : '';
    return `${this.#targets?.paths.size ?? 0} paths in ${this.#folders.size} folders${blind}`;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
    this.#retry?.[Symbol.dispose]();
    void this.#sources?.close();
  }

  /** Which folders have to be watched for which names, as the file system is now. */
  #arrange(): void {
    this.#wanted = new Map();
    this.#stages = new Map();
    this.#reals.clear();
    this.#links.clear();
    for (const path of this.#targets?.paths ?? []) if (!silent.test(path)) this.#want(path);
    this.#blind = 0;
    const folders = new Set([...this.#wanted.keys(), ...this.#stages.keys()]);
    for (const [folder, { watcher, identity }] of this.#folders) {
      // Another folder may have come to the same place.
      if (folders.has(folder) && identityOf(folder) === identity) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of folders) {
      if (this.#folders.has(folder)) continue;
      this.#open(folder);
      this.#catchUp(folder);
    }
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.#blind === 0 ? undefined : this.#means.clock.after(again, () => this.#arrange());
  }

  #want(written: string): void {
    // The entries of a folder, and the folder itself.
    const path = written.endsWith('/') && written !== '/' ? written.slice(0, -1) : written;
    if (path !== written) this.#add(this.#wanted, this.#real(path) ?? path, '', written);
    for (let at = path, count = 0; count < 40; count++) {
      const folder = this.#stage(at, written);
      if (folder === undefined) return;
      this.#add(this.#wanted, folder, baseOf(at), written);
      // A link leads elsewhere: there it may change, too.
      if (!isLink(at)) return;
      const target = realOf(at);
      if (target === undefined) return;
      at = target;
    }
  }

  /**
   * The folder that a path lies in. Links on the way may come to lead elsewhere, and where it is not there yet the way to
   * it is awaited. That a folder further up is moved away is not seen: whole trees would have to be watched for it.
   */
  #stage(path: string, written: string): string | undefined {
    const parent = parentOf(path);
    const real = this.#real(parent);
    for (let at = parent; at !== '/'; at = parentOf(at)) {
      const above = this.#real(parentOf(at));
      const missing = real === undefined && above !== undefined;
      if (above !== undefined && (missing || this.#isLink(at)))
        this.#add(this.#stages, above, baseOf(at), written);
      if (missing) break;
    }
    return real;
  }

  #isLink(folder: string): boolean {
    const known = this.#links.get(folder);
    if (known !== undefined) return known;
    const found = isLink(folder);
    this.#links.set(folder, found);
    return found;
  }

  /** Where a folder really is. Many paths share one. */
  #real(folder: string): string | undefined {
    if (!this.#reals.has(folder)) this.#reals.set(folder, realOf(folder));
    return this.#reals.get(folder);
  }

  #add(all: Map<string, Names>, folder: string, name: string, path: string): void {
    const names = all.get(folder) ?? new Map<string, Set<string>>();
    all.set(folder, names);
    const paths = names.get(name) ?? new Set();
    names.set(name, paths);
    paths.add(path);
  }

  /** Nobody told of what happened before the folder was watched. */
  #catchUp(folder: string): void {
    for (const [name, paths] of this.#wanted.get(folder) ?? []) {
      // Of what is not there only the folder knows when it went.
      const changed = changedAt(join(folder, name)) ?? changedAt(folder) ?? 0;
      if (changed + clockGrain < (this.#targets?.since ?? 0)) continue;
      for (const path of paths) this.#means.notify(path);
    }
  }

  #open(folder: string): void {
    try {
      const watcher = watch(folder, { encoding: 'utf8' }, (kind, name) => this.#told(folder, kind, name));
      watcher.on('error', () => this.#arrange());
      this.#folders.set(folder, { watcher, identity: identityOf(folder) ?? '' });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return;
      if (this.#blind++ > 0) return;
      this.#means.warn(
        code === 'ENOSPC'
          ? 'The kernel watches no more folders for us: raise fs.inotify.max_user_watches.'
          : `${folder} cannot be watched (${code ?? String(error)}).`,
      );
    }
  }

  #told(folder: string, kind: string, name: string | null): void {
    if (this.#stopped) return;
    const paths = new Set<string>();
    const wanted = this.#wanted.get(folder);
    const stages = this.#stages.get(folder);
    // Without a name it may have been any.
    const names = name === null ? undefined : [name, ''];
    for (const one of names ?? wanted?.keys() ?? [])
      for (const path of wanted?.get(one) ?? []) paths.add(path);
    // Its own name: the folder itself is gone. A folder that only changes stays where it is.
    const moved = kind === 'rename' && (stages?.has(name ?? '') || name === baseOf(folder) || name === null);
    if (moved) {
      const staged = name === null ? [...(stages?.values() ?? [])] : [stages?.get(name) ?? new Set<string>()];
      for (const one of staged) for (const path of one) paths.add(path);
    }
    const linked = kind === 'rename' && paths.size > 0 && name !== null && isLink(join(folder, name));
    if (moved || linked) this.#arrange();
    for (const path of paths) this.#means.notify(path);
  }

  /** Whole trees, in which folders come and go: chokidar knows about those. */
  #watchSources({ sources, since }: Targets): void {
    const roots = sources.join('\n');
    if (roots === this.#sourceRoots) return;
    this.#sourceRoots = roots;
    void this.#sources?.close();
    this.#sources = undefined;
    if (sources.length === 0) return;
    void import('chokidar').then(({ watch: follow }) => {
      if (this.#stopped || roots !== this.#sourceRoots) return;
      const watcher = follow([...sources], {
        ignoreInitial: true,
        ignored: (path) => /(?:^|\/)\.(?:git|svn)(?:\/|$)/.test(path),
      });
      watcher.on('all', (_, path) => this.#means.notify(path));
      watcher.on('ready', () => {
        // By the run that read them: until it is ready there may have been others, which did not.
        for (const [folder, names] of Object.entries(watcher.getWatched()))
          for (const name of names) {
            const path = join(folder, name);
            if ((changedAt(path) ?? 0) + clockGrain >= since) this.#means.notify(path);
          }
      });
      watcher.on('error', (error) =>
        this.#means.warn(`The tree cannot be watched: ${(error as Error).message}.`),
      );
      this.#sources = watcher;
    });
  }
}

function identityOf(folder: string): string | undefined {
  const stat = found(statSync, folder);
  return stat && `${stat.dev}:${stat.ino}`;
}

/** Content, rights or name; undefined where nothing is. */
function changedAt(path: string): number | undefined {
  return found(lstatSync, path)?.ctimeMs;
}

function isLink(path: string): boolean {
  return found(lstatSync, path)?.isSymbolicLink() ?? false;
}

/** Undefined also where it cannot be looked at. */
function found(look: typeof statSync, path: string): Stats | undefined {
  try {
    return look(path);
  } catch {
    return undefined;
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

export default defineBeacon({
  summary: 'paths that states look at, and the tree, the pillar and the settings',
  description: `
Every path that a state of the last run looked at is watched, whether something is there or not, through links and
through folders that come and go. What lies below /proc, /sys and /dev tells nothing of itself.`,
  properties: {},
  standard: true,
  reaction: 'affected',
  start: (_, means) => new Files(means),
});
