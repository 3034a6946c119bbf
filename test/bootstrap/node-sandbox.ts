/** A machine that bootstrap.sh may make a node of, below a folder: its network, names and clock are told by a test. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, top, write } from './sandbox.ts';

const tools =
  'sh sed tar gzip find sort tr xargs sha256sum uname dirname basename mkdir rm mv ln cat cp head readlink id df flock git';

/** Notes what changes the node, and does the rest as it would. */
const program = `#!/bin/sh
case $1 in
  highstate | apply)
    echo "$*" >> "$CONVERGE_PREFIX/calls"
    [ ! -e "$CONVERGE_PREFIX/fails" ]
    exit
    ;;
esac
exec '${process.execPath}' --disable-warning=ExperimentalWarning '${join(top, 'scripts/start.mjs')}' "$@"
`;

export class NodeSandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'converge-node-'));
  readonly source = join(this.folder, 'the source');
  readonly prefix = join(this.folder, 'machine');
  readonly #bin = join(this.folder, 'bin');

  constructor() {
    mkdirSync(this.#bin);
    for (const tool of tools.split(' ')) {
      const found = (process.env['PATH'] ?? '').split(':').find((one) => existsSync(join(one, tool)));
      if (found) symlinkSync(join(found, tool), join(this.#bin, tool));
    }
    this.stub('ip', 'case "$*" in *route*) echo default via 192.0.2.1 ;; *) echo "2: eth1 inet 10.77.0.3/24" ;; esac');
    this.stub('getent', 'echo 192.0.2.9');
    this.stub('timedatectl', 'echo yes');
    write(join(this.folder, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\n');
    write(join(this.prefix, 'var/keep'), '');
    for (const part of ['bootstrap.sh', 'package.json', 'package-lock.json', 'scripts'])
      cpSync(join(top, part), join(this.source, part), { recursive: true });
    write(join(this.source, 'states/top.yaml'), "base:\n  '*': []\n");
    write(
      join(this.source, 'pillar/top.yaml'),
      "base:\n  '*': [settings]\n  'E@.*':\n    - ignore_missing: true\n    - node\n",
    );
    mkdirSync(join(this.source, 'templates'));
    this.settings(
      'domain: example.org\ndns: {entry: {names: [www.example.org]}}\nbird: {neighbours: {upstream: {asn: 1}}}\n',
    );
    this.release('one');
  }

  settings(text: string): void {
    write(join(this.source, 'pillar/settings.yaml'), text);
  }

  /** The engine of the source as if it had been built. */
  release(name: string): void {
    rmSync(join(this.source, 'dist'), { recursive: true, force: true });
    write(join(this.source, 'dist/converge'), `${program}# ${name}\n`, 0o755);
    mkdirSync(join(this.source, 'dist/lib'));
    symlinkSync(process.execPath, join(this.source, 'dist/lib/node'));
  }

  stub(name: string, script: string): void {
    write(join(this.#bin, name), `#!/bin/sh\n${script}\n`, 0o755);
  }

  /** From the source, or from the tree that is installed. */
  run(args: readonly string[], { installed = false, env = {} as Record<string, string> } = {}): Promise<Ended> {
    const script = join(installed ? join(this.prefix, 'opt/converge/tree') : this.source, 'bootstrap.sh');
    const child = spawn(script, args, {
      cwd: this.folder,
      env: {
        PATH: this.#bin,
        HOME: this.folder,
        CONVERGE_PREFIX: this.prefix,
        CONVERGE_ETC: join(this.folder, 'etc'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    return new Promise((resolve) => child.on('close', (status) => resolve({ status: status ?? -1, output })));
  }

  answers(text: string, mode = 0o600): string {
    return write(join(this.folder, 'answers.yaml'), text, mode);
  }

  file(path: string): string {
    return readFileSync(join(this.prefix, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.prefix, path));
  }

  /** What would have changed the node. */
  calls(): string[] {
    return this.has('calls') ? this.file('calls').trim().split('\n') : [];
  }

  git(...args: string[]): void {
    execFileSync('git', ['-C', this.source, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
