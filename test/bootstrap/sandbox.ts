/** A checkout with bootstrap.sh and no dependencies, on a machine that has only the tools a test gives it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const top = join(import.meta.dirname, '../..');
const tools =
  'sh sed tar gzip xz curl sha256sum flock uname dirname basename mkdir rm mv ln cat cp cmp head readlink ls date';

export interface Ended {
  readonly status: number;
  readonly output: string;
}

/** Writes a file, and the folders above it. */
export function write(full: string, text: string, mode = 0o644): string {
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, mode);
  return full;
}

/** A program that answers `--version` and otherwise is this very Node. */
export function fakeNode(version: string): string {
  return `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\nexec '${process.execPath}' "$@"\n`;
}

/** Stands for npm: notes that it was called and leaves a node_modules. */
const npmStub = `
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('npm-fails')) process.exit(1);
fs.mkdirSync('node_modules', { recursive: true });
`;

export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'converge-bootstrap-'));
  readonly checkout = join(this.folder, 'check out');
  readonly bin = join(this.folder, 'bin');

  constructor() {
    mkdirSync(this.checkout);
    mkdirSync(this.bin);
    for (const file of ['bootstrap.sh', 'converge']) cpSync(join(top, file), join(this.checkout, file));
    this.write('check out/package.json', '{ "name": "empty", "version": "1.0.0" }');
    const lock = {
      name: 'empty',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: { '': { version: '1.0.0' } },
    };
    this.write('check out/package-lock.json', JSON.stringify(lock));
    for (const tool of tools.split(' ')) {
      const found = (process.env.PATH ?? '').split(':').find((one) => existsSync(join(one, tool)));
      if (found) symlinkSync(join(found, tool), join(this.bin, tool));
    }
  }

  write(path: string, text: string, mode = 0o644): string {
    return write(join(this.folder, path), text, mode);
  }

  /** A folder laid out like Node's tarball, npm included. */
  nodeFolder(name: string, version = 'v24.21.0'): string {
    this.write(`${name}/bin/node`, fakeNode(version), 0o755);
    this.write(`${name}/lib/node_modules/npm/bin/npm-cli.js`, npmStub);
    return join(this.folder, name);
  }

  tarball(file: string, version = 'v24.21.0'): string {
    const name = `node-v24.21.0-linux-${process.arch}`;
    this.nodeFolder(`tar/${name}`, version);
    execFileSync('tar', ['-caf', join(this.folder, file), '-C', join(this.folder, 'tar'), name]);
    return join(this.folder, file);
  }

  start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    return spawn(join(this.checkout, 'bootstrap.sh'), args, {
      cwd: this.folder,
      env: { PATH: this.bin, HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const child = this.start(args, env);
    let output = '';
    child.stdout!.on('data', (data) => (output += data));
    child.stderr!.on('data', (data) => (output += data));
    return new Promise((resolve) => child.on('close', (status) => resolve({ status: status ?? -1, output })));
  }

  /** What the Node of the checkout says of itself. */
  nodeVersion(): string | undefined {
    const node = join(this.checkout, '.runtime/node/bin/node');
    return existsSync(node) ? execFileSync(node, ['--version'], { encoding: 'utf8' }).trim() : undefined;
  }

  npmCalls(): string[] {
    const file = join(this.checkout, 'npm-calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
