/** Converge as a process in a folder of its own, which keeps all of its things there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildTree, type Tree, temporaryFolder } from './folders.ts';

const entry = new URL('../../scripts/start.mjs', import.meta.url).pathname;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Place extends AsyncDisposable {
  at(path: string): string;
  start(...words: string[]): Started;
  run(...words: string[]): Promise<Ended>;
  /** Empty where there is no such file. */
  text(path: string): string;
  write(path: string, text: string): void;
}

/** Its settings file is `c.yaml`; DIR in the environment is the folder. The machine's log hears nothing unless told. */
export function place(files: Tree, settings = ''): Place {
  const folder = temporaryFolder();
  const own = 'states: states\nstate_dir: state\ncache: cache\ncolor: never\n';
  const silent = settings.includes('syslog:') ? '' : 'syslog: false\n';
  buildTree(folder.path, { ...files, 'c.yaml': own + silent + settings });
  const at = (path: string) => join(folder.path, path);
  function start(...words: string[]): Started {
    const child = spawn(process.execPath, [entry, ...words, '--config', 'c.yaml'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], HOME: folder.path, DIR: folder.path, LANG: 'C.UTF-8' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    return { child, ended: once(child, 'close').then(([code]) => ({ code, stdout, stderr })) };
  }
  return {
    at,
    start,
    run: async (...words) => await start(...words).ended,
    text: (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : ''),
    write: (path, text) => writeFileSync(at(path), text),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

export async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await pause(10);
}
