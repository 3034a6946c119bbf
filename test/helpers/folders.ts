/** Temporary folders, trees built in them from data, and snapshots of what is in them. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** `await using folder = temporaryFolder()`: gone with the block, whatever was made of it. */
export function temporaryFolder(): TemporaryFolder {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'converge-test-')));
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One entry of a tree as data: text or bytes alone mean a file. */
export type TreeEntry =
  | string
  | Buffer
  | {
      readonly content?: string | Buffer;
      readonly link?: string;
      readonly directory?: true;
      readonly fifo?: true;
      readonly mode?: number;
      /** Ids; only root can give files away. */
      readonly user?: number;
      readonly group?: number;
      /** Milliseconds since the epoch. */
      readonly mtime?: number;
    };

export interface Tree {
  readonly [path: string]: TreeEntry;
}

/** All entries get this time unless told otherwise, so that two builds of a tree are equal. */
export const builtAt = Date.UTC(2020, 0, 1);

/** Modes do not depend on the umask: 0644 for files and 0755 for folders unless told. */
export function buildTree(folder: string, tree: Tree): void {
  const times: [string, number][] = [];
  for (const [name, given] of Object.entries(tree)) {
    const entry = typeof given === 'string' || Buffer.isBuffer(given) ? { content: given } : given;
    const at = path.join(folder, name);
    makeFolders(folder, path.dirname(at), times);
    if (entry.link !== undefined) fs.symlinkSync(entry.link, at);
    else if (entry.directory) makeFolders(folder, at, times);
    else fs.writeFileSync(at, entry.content ?? '');
    if (entry.user !== undefined || entry.group !== undefined) {
      fs.lchownSync(at, entry.user ?? -1, entry.group ?? -1);
    }
    if (entry.link === undefined) fs.chmodSync(at, entry.mode ?? (entry.directory ? 0o755 : 0o644));
    times.push([at, entry.mtime ?? builtAt]);
  }
  for (const [at, time] of times.reverse()) fs.lutimesSync(at, time / 1000, time / 1000);
}

function makeFolders(root: string, folder: string, times: [string, number][]): void {
  if (folder === root || fs.existsSync(folder)) return;
  makeFolders(root, path.dirname(folder), times);
  fs.mkdirSync(folder);
  fs.chmodSync(folder, 0o755);
  times.push([folder, builtAt]);
}

/** Everything about every entry that a run could change: kind, mode, owner, times, bytes. */
export function treeOf(folder: string): { readonly [path: string]: string } {
  const tree: { [path: string]: string } = {};
  function walk(name: string): void {
    const at = path.join(folder, name);
    const stats = fs.lstatSync(at, { bigint: true });
    const owner = `${stats.uid}:${stats.gid}`;
    const what = stats.isSymbolicLink()
      ? `-> ${fs.readlinkSync(at)}`
      : stats.isFile()
        ? fs.readFileSync(at, 'latin1')
        : '';
    tree[name === '' ? '/' : name] =
      `${stats.mode.toString(8)} ${owner} ${stats.mtimeNs} ${stats.ino} ${what}`;
    if (stats.isDirectory()) for (const child of fs.readdirSync(at).sort()) walk(`${name}/${child}`);
  }
  walk('');
  return tree;
}
