/** What the kmod states share: what is loaded, what the kernel has built in, and what is loaded at boot (modules-load.d(5)). */
import { type ByteText, byteLines, readBytes } from '../../core/byte-text.ts';
import type { Reader, Settled } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

export const nameProperties = {
  name: { type: 'string', minLength: 1, description: 'The module; hyphens and underscores are the same.' },
  mods: {
    type: 'array',
    items: { type: 'string' },
    description: 'Several modules instead of the one of the name.',
  },
} as const;

/** Loaded at boot from these; a file hides one of the same name in a later folder. */
const folders = [
  '/etc/modules-load.d',
  '/run/modules-load.d',
  '/usr/local/lib/modules-load.d',
  '/usr/lib/modules-load.d',
];

/** Debian's own list, which systemd reads through a link in /etc/modules-load.d, if at all. */
const debianList = '/etc/modules';

export interface Now {
  readonly rooted: boolean;
  /** /proc/modules. */
  readonly loaded: string;
  readonly release: string;
  /** Below /lib/modules: modules.builtin and modules.dep; undefined where the kernel brings none. */
  readonly builtin: ReadonlySet<string>;
  readonly available: ReadonlySet<string> | undefined;
  readonly tool: boolean;
  /** Files that name modules to be loaded at boot, in the order in which they are looked through. */
  readonly lists: readonly ByteText[];
  readonly folderMissing: boolean;
}

export function modulesOf({
  name,
  mods,
}: {
  readonly name: string;
  readonly mods?: readonly string[];
}): string[] {
  return mods?.length ? [...mods] : [name];
}

/** As /proc/modules spells it. */
export function canonical(module: string): string {
  return module.replaceAll('-', '_');
}

export function refuseModules(modules: readonly string[]): Refusal | undefined {
  const wrong = modules.find((module) => !/^[A-Za-z0-9_][\w-]*$/.test(module));
  return wrong === undefined
    ? undefined
    : { refused: `"${wrong}" is not the name of a kernel module.`, certain: true };
}

export interface Given {
  readonly name: string;
  readonly mods?: readonly string[];
}

/** `loading`: where something has to be loaded, what there is to load counts. */
export function readModules(args: Given, reader: Reader, loading: boolean): Now {
  const loaded = reader.rooted ? '' : text('/proc/modules', reader);
  const release = text('/proc/sys/kernel/osrelease', reader).trim();
  const known = modulesOf(args).every((module) => lineOf(loaded, module) !== undefined);
  const at = `/lib/modules/${release}`;
  return {
    rooted: reader.rooted,
    loaded,
    release,
    builtin: known || reader.rooted ? new Set() : namesIn(text(`${at}/modules.builtin`, reader)),
    // Half a megabyte: only looked at where something has to be loaded.
    available: known || reader.rooted || !loading ? undefined : namesIn(text(`${at}/modules.dep`, reader)),
    tool: ['/usr/sbin/modprobe', '/sbin/modprobe', '/usr/bin/modprobe'].some((path) => reader.stat(path)),
    lists: listsOf(reader),
    folderMissing: reader.stat(folders[0]!) === undefined,
  };
}

function text(path: string, reader: Reader): string {
  return reader.content(path)?.toString('latin1') ?? '';
}

function listsOf(reader: Reader): ByteText[] {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const file of reader.list(folder) ?? []) {
      if (file.endsWith('.conf') && !files.has(file)) files.set(file, `${folder}/${file}`);
    }
  }
  const real = [...files.values()].map((path) => reader.resolve(path));
  return [...new Set([...real, debianList])]
    .map((path) => readBytes(path, reader))
    .filter((file) => file.text !== undefined);
}

/** Paths such as `kernel/fs/ext4/ext4.ko.xz`, in modules.dep followed by a colon. */
function namesIn(list: string): ReadonlySet<string> {
  return new Set(
    [...list.matchAll(/^[^:\n]*?([^/:\n]+)\.ko(?:\.\w+)?(?=:|$)/gm)].map(([, name]) => canonical(name!)),
  );
}

export function lineOf(loaded: string, module: string): string | undefined {
  return loaded.split('\n').find((line) => line.startsWith(`${canonical(module)} `));
}

export function isLoaded(now: Now, module: string): boolean {
  return lineOf(now.loaded, module) !== undefined || now.builtin.has(canonical(module));
}

/** The word of a line that names a module to be loaded; Debian's list may have options after it. */
function moduleOf(line: string): string | undefined {
  return /^[ \t]*([^\s#;]+)/.exec(line)?.[1];
}

export function names(line: string, module: string): boolean {
  const word = moduleOf(line);
  return word !== undefined && canonical(word) === canonical(module);
}

export function listsWith(now: Now, module: string): ByteText[] {
  return now.lists.filter(({ text }) => byteLines(text!).some((line) => names(line, module)));
}

/** What later states see of /proc/modules. */
export function settleModules(content: string): Settled {
  return {
    about: 'file',
    effect: { kind: 'write', path: '/proc/modules', content: Buffer.from(content, 'latin1') },
  };
}

export function ownList(module: string): string {
  return `${folders[0]}/${module}.conf`;
}

export const noTool: Refusal = {
  refused: 'Kernel modules cannot be loaded or removed: there is no modprobe here.',
  hint: 'Install the package kmod.',
};

export const proof = `The states of this family were tried on files written as kernels write them: the nodes of the tests
cannot load modules.`;
