/** A machine that bootstrap.sh may make a node of, below a folder: its network, names and clock are told by a test. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DnsServer, dnsServer, soa } from '../helpers/dns-server.ts';
import { type Ended, top, write } from './sandbox.ts';

const tools =
  'sh sed tar gzip find sort tr xargs sha256sum uname dirname basename mkdir rm mv ln cat cp head readlink id df flock git date sync';

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

const schema = {
  type: 'object',
  required: ['letsencrypt'],
  properties: {
    letsencrypt: {
      type: 'object',
      required: ['secret'],
      properties: { secret: { type: 'string' } },
      additionalProperties: false,
    },
  },
};

const usual =
  'domain: example.org\ndns: {entry: {names: [www.example.org]}}\nbird: {neighbours: {upstream: {asn: 1}}}\n';

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
    this.stub(
      'ip',
      'case "$*" in *route*) echo default via 192.0.2.1 ;; *) echo "2: eth1 inet 10.77.0.3/24" ;; esac',
    );
    this.stub('getent', 'echo 192.0.2.9');
    this.stub('timedatectl', 'echo yes');
    write(join(this.prefix, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\n');
    write(join(this.prefix, 'var/keep'), '');
    write(join(this.prefix, 'run/systemd/system/keep'), '');
    for (const part of ['bootstrap.sh', 'package.json', 'package-lock.json', 'scripts'])
      cpSync(join(top, part), join(this.source, part), { recursive: true });
    write(join(this.source, 'states/top.yaml'), "base:\n  '*': [letsencrypt]\n");
    write(join(this.source, 'states/letsencrypt/init.yaml'), 'something:\n  test.nop: []\n');
    write(join(this.source, 'states/letsencrypt/pillar.schema.json'), JSON.stringify(schema));
    write(
      join(this.source, 'pillar/top.yaml'),
      "base:\n  '*': [settings]\n  'E@.*':\n    - ignore_missing: true\n    - node\n",
    );
    write(join(this.source, 'templates/some'), '');
    this.settings(usual);
    this.release('one');
  }

  get #environment(): Record<string, string> {
    return { PATH: this.#bin, HOME: this.folder, CONVERGE_PREFIX: this.prefix };
  }

  /** The nodes that the DNS of the domain tells of; undefined: it says nothing of use. */
  async dns(nodes: readonly string[] | undefined): Promise<DnsServer> {
    const server = await dnsServer(({ name, type }) => {
      if (nodes === undefined) return { rcode: 2 };
      if (type !== 'SRV' || !name.startsWith('_app.') || nodes.length === 0)
        return { rcode: 3, authority: [soa] };
      return { answer: nodes.map((node) => [name, 'SRV', `0 0 443 ${node}`]) };
    });
    this.settings(`${usual}discovery: {resolvers: ['${server.name}']}\n`);
    return server;
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

  without(tool: string): void {
    rmSync(join(this.#bin, tool), { force: true });
  }

  stub(name: string, script: string): void {
    this.without(name);
    write(join(this.#bin, name), `#!/bin/sh\n${script}\n`, 0o755);
  }

  /** From the source, or from the tree that is installed. */
  run(
    args: readonly string[],
    { installed = false, env = {} as Record<string, string>, stdin = '' } = {},
  ): Promise<Ended> {
    const script = join(installed ? join(this.prefix, 'opt/converge/tree') : this.source, 'bootstrap.sh');
    return this.start(script, args, env, undefined, stdin);
  }

  /** At a terminal, where somebody types these lines. What is shown is the output, with what the terminal echoes. */
  type(args: readonly string[], lines: readonly string[]): Promise<Ended> {
    const command = [join(this.source, 'bootstrap.sh'), ...args].map((one) => `'${one}'`).join(' ');
    return this.start('/usr/bin/script', ['-qec', command, '/dev/null'], { TERM: 'dumb' }, lines);
  }

  start(
    file: string,
    args: readonly string[],
    env: Record<string, string>,
    lines?: readonly string[],
    stdin = '',
  ): Promise<Ended> {
    const child = spawn(file, args, {
      cwd: this.folder,
      env: { ...this.#environment, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (lines === undefined) child.stdin.end(stdin);
    const rest = [...(lines ?? [])];
    let output = '';
    let asked = 0;
    child.stdout.on('data', (data) => {
      output += data;
      // One answer to each question, once it is there.
      const questions = output.match(/(?:Domain|Name|[Ss]ecret|Password) [^\n]*: /g)?.length ?? 0;
      if (questions > asked && rest.length > 0) {
        asked = questions;
        child.stdin.write(`${rest.shift()}\r`);
      }
    });
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

  /** Ends it and all that it has started by kill -9, so many milliseconds after its start. */
  killed(args: readonly string[], moment: number): Promise<void> {
    const child = spawn(join(this.source, 'bootstrap.sh'), args, {
      cwd: this.folder,
      env: this.#environment,
      stdio: 'ignore',
      detached: true,
    });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        // It may have ended a moment ago.
        if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
      }, moment);
      child.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
