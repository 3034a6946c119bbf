/** Where grains come from: files below a root, files of the machine, and what Node knows of the system. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';

/** The part of node:os and process that grains use. */
export interface System {
  readonly hostname: string;
  /** uname(2): `Linux`, `6.1.0-18-amd64`, `#1 SMP …`, `x86_64`. */
  readonly kernel: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly interfaces: ReturnType<typeof os.networkInterfaces>;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Looks each of them up when it is used: CPUs and interfaces take longest. */
export function thisSystem(): System {
  return {
    get hostname() {
      return os.hostname();
    },
    kernel: os.type(),
    release: os.release(),
    version: os.version(),
    machine: os.machine(),
    get cpus() {
      return os.availableParallelism();
    },
    get memory() {
      return os.totalmem();
    },
    get interfaces() {
      return os.networkInterfaces();
    },
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    pid: process.pid,
    get cwd() {
      return currentFolder();
    },
    env: process.env,
  };
}

/** The folder this process runs in, unless it was removed. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** Files that tell something; whatever cannot be read is as good as absent. */
export interface Files {
  text(path: string): string | undefined;
  list(path: string): readonly string[];
  exists(path: string): boolean;
  link(path: string): string | undefined;
}

export interface FactSources {
  /** Below the root: what the installed system says of itself. */
  readonly installed: Files;
  /** The running machine. */
  readonly machine: Files;
  readonly system: System;
  /** The root is another system than the running one, so its name and settings are its own. */
  readonly image: boolean;
}

export function createFacts(root: string, machine: string, system: System): FactSources {
  const running = filesBelow(machine);
  const below = root === machine ? running : filesBelow(root);
  const image = root !== machine && (below.exists('/etc/os-release') || below.exists('/usr/lib/os-release'));
  return { installed: image ? below : running, machine: running, system, image };
}

function filesBelow(root: string): Files {
  return {
    text: (path) => attempt(() => readFileSync(join(root, path), 'utf8')),
    list: (path) => attempt(() => readdirSync(join(root, path)).sort()) ?? [],
    exists: (path) => existsSync(join(root, path)),
    link: (path) => attempt(() => readlinkSync(join(root, path))),
  };
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** The first line of a file, trimmed; undefined where there is none or it is empty. */
export function firstLine(text: string | undefined): string | undefined {
  const end = text?.indexOf('\n') ?? -1;
  return (end < 0 ? text : text?.slice(0, end))?.trim() || undefined;
}

/** `KEY=value` lines as os-release(5) has them: shell quoting, comments and empty lines. */
export function assignments(text: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text?.split('\n') ?? []) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line);
    if (match) found.set(match[1]!, unquoted(match[2]!));
  }
  return found;
}

function unquoted(text: string): string {
  if (text.length > 1 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1);
  const inner = text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  return inner.replace(/\\(.)/g, '$1');
}
