/** A mount namespace of its own, where disks may be full, and converge as a process in it. Needs root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildTree, type Tree, temporaryFolder } from './folders.ts';

const top = new URL('../..', import.meta.url).pathname;

export interface Ended {
  /** 128 + n where signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface EnclaveOptions {
  readonly env?: { readonly [name: string]: string };
  /** Words before those of node: a program that starts it in its own way. */
  readonly by?: readonly string[];
  /** Program and Node lie below the folder, too, wherever they are really: for users who could not go there. */
  readonly nearby?: boolean;
}

export interface Enclave extends AsyncDisposable {
  readonly path: string;
  /** The same path as seen from outside. */
  at(path: string): string;
  /** Runs a script that has to succeed, with the folder as current one; gives back what it printed. */
  sh(script: string): Promise<string>;
  /** Runs converge there; `c.yaml` says where it keeps its things. */
  converge(words: readonly string[], options?: EnclaveOptions): Promise<Ended>;
}

/** The settings keep everything in the folder: `state`, `cache`, `states`. */
export async function enclave(files: Tree): Promise<Enclave> {
  const folder = temporaryFolder();
  buildTree(folder.path, {
    'c.yaml': 'states: states\nstate_dir: state\ncache: cache\ncolor: never\n',
    ...files,
  });
  const keeper = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(keeper.stdout, 'data');
  const { pid } = keeper;
  function start(words: readonly string[], env: { readonly [name: string]: string } = {}): ChildProcess {
    const variables = ['/usr/bin/env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
    return spawn('nsenter', ['--mount', `--target=${pid}`, `--wdns=${folder.path}`, ...variables, ...words], {
      env: { PATH: process.env['PATH'], HOME: folder.path, DIR: folder.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
  return {
    path: folder.path,
    at: (path) => `/proc/${pid}/root${join(folder.path, path)}`,
    async sh(script) {
      const { code, stdout, stderr } = await ended(start(['sh', '-ec', script]));
      if (code !== 0) throw new Error(`${script} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    async converge(words, { env, by = [], nearby } = {}) {
      let [node, program] = [process.execPath, top];
      if (nearby) {
        const script = `mkdir -p program; touch node; mount --bind ${top} program; mount --bind ${node} node`;
        await ended(start(['sh', '-ec', script]));
        [node, program] = [join(folder.path, 'node'), join(folder.path, 'program')];
      }
      return await ended(
        start([...by, node, join(program, 'scripts/start.mjs'), ...words, '--config', 'c.yaml'], env),
      );
    },
    async [Symbol.asyncDispose]() {
      keeper.stdin.end();
      if (existsSync(`/proc/${pid}`)) await once(keeper, 'exit');
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr!.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 128 + 9, stdout, stderr };
}
