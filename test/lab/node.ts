/** A node: a real system with its own systemd, package manager and network, booted in half a second and thrown away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Family, prepareCache } from './cache.ts';
import { type Converged, type ConvergeOptions, compiled, converge, type Tree } from './converge.ts';
import { type Hardware, Machine, path, rebootAsked } from './machine.ts';
import { addressesOf, cut, heal, type Network, namespaceOf } from './network.ts';
import { claimNames } from './own.ts';

export interface BootOptions {
  /** Debian 12 where nothing is said. */
  readonly family?: Family;
  /** Packages to install before the test begins; those of Debian must be in the list of `cache.ts`. */
  readonly packages?: readonly string[];
  /** At most 10 letters, digits and hyphens; unique among the nodes of a test. */
  readonly name?: string;
  /** No Node.js and no converge inside. */
  readonly bare?: boolean;
  /** Further folders of this machine, seen read-only inside: path inside → path here. */
  readonly binds?: { readonly [inside: string]: string };
  /** A folder that `saveDisk` has left: the node goes on where that one was powered off, if its name and turn are the same. */
  readonly disk?: string | undefined;
}

export interface Ran {
  /** 128 + n where signal n ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Buffer;
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** Where the checkout of converge lies inside a node. */
export const checkout = '/opt/converge';

const checkoutHere = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

let lastNumber = 10;

/** Boots a node. `await using` ends it with the test. */
export async function boot(options: BootOptions = {}): Promise<Node> {
  const { family = 'debian', bare = false, packages = [] } = options;
  const { rootfs, repository } = await prepareCache(family);
  await claimNames();
  const number = ++lastNumber;
  const name = options.name ?? `n${number}`;
  if (!/^[a-z0-9-]{1,10}$/.test(name)) throw new Error(`"${name}" cannot be the name of a node.`);
  // In a second work tree the packages may be those of the first.
  const modules = realpathSync(`${checkoutHere}/node_modules`);
  const linked = bare || modules.startsWith(checkoutHere) ? {} : { [modules]: modules };
  // What one node compiled the others need not compile.
  const shared: Hardware['shared'] = bare ? {} : { [compiled]: compiled.replace(checkout, checkoutHere) };
  const binds = {
    ...(family === 'rpm' ? {} : { '/srv/repository': repository }),
    ...(bare ? {} : { '/usr/local/bin/node': process.execPath, [checkout]: checkoutHere }),
    ...linked,
    ...options.binds,
  };
  const node = new Node(
    name,
    family,
    number,
    new Machine({ name, number, rootfs, binds, shared, disk: options.disk }),
    options.disk === undefined,
  );
  try {
    await node.start();
    if (packages.length > 0) await node.install(packages);
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
  return node;
}

export class Node implements AsyncDisposable {
  readonly name: string;
  readonly family: Family;
  /** Addresses of eth0 and eth1. */
  readonly addresses: readonly string[];
  readonly #machine: Machine;

  constructor(name: string, family: Family, number: number, machine: Machine, isNew = true) {
    this.name = name;
    this.family = family;
    this.addresses = addressesOf(number);
    this.#machine = machine;
    if (!isNew) return;
    const etc = `${machine.root}/etc`;
    writeFileSync(`${etc}/hostname`, `${name}\n`);
    writeFileSync(`${etc}/hosts`, `127.0.0.1 localhost\n${this.addresses[0]} ${name}\n`);
    // Nobody answers there, which is found out at once.
    writeFileSync(`${etc}/resolv.conf`, 'nameserver 127.0.0.1\n');
  }

  /** Its network, as the machine knows it: a program of the machine that enters it sees what the node sees. */
  get network(): string {
    return `/run/netns/${namespaceOf(this.name)}`;
  }

  /** Powers the node on and waits until systemd has started everything. */
  start(): Promise<void> {
    return this.#machine.start(async () => {
      const { stdout } = await this.run(['systemctl', 'is-system-running', '--wait']);
      return ['running', 'degraded'].includes(stdout.trim());
    });
  }

  /** Runs a command as root, or a script with /bin/sh. A status other than 0 is an answer, not an error. */
  async run(command: readonly string[] | string, options: RunOptions = {}): Promise<Ran> {
    const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const [enter, ...entrance] = this.#inside(argv, options);
    const result = await execa(enter!, entrance, {
      reject: false,
      stripFinalNewline: false,
      timeout: (options.timeout ?? 60) * 1000,
      ...(options.stdin === undefined ? { stdin: 'ignore' as const } : { input: options.stdin }),
    });
    if (result.timedOut) throw new Error(`${argv.join(' ')} does not end on ${this.name}:\n${result.stderr}`);
    return { status: result.exitCode ?? 128 + 9, stdout: result.stdout, stderr: result.stderr };
  }

  /**
   * Starts a command as root that goes on, at most until the node ends. What it reads and prints is `stdio[3]`.
   *
   * The systemd of the node becomes its parent: a power-off stops all processes before it ends them, and nsenter(1)
   * stops when its child does, so that it would never see the end of it.
   */
  spawn(argv: readonly string[], options: Pick<RunOptions, 'env' | 'cwd'> = {}): ChildProcess {
    const shell = ['/bin/sh', '-c', 'exec "$@" <&3 >&3 3>&-', 'sh'];
    const [enter, ...entrance] = this.#inside(['setsid', '--fork', ...shell, ...argv], options);
    return spawn(enter!, entrance, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  }

  #inside(argv: readonly string[], { env, cwd = '/root' }: Pick<RunOptions, 'env' | 'cwd'>): string[] {
    const variables = { PATH: path, HOME: '/root', LANG: 'C.UTF-8', ...env };
    const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    return [...this.#machine.entrance, 'env', '-i', '-C', cwd, ...environment, ...argv];
  }

  /** Like `run`, where anything but success is an error of the test. Returns what was printed. */
  async must(command: readonly string[] | string, options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, options);
    if (status !== 0) throw new Error(`${command} on ${this.name} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Waits until a script succeeds. */
  async until(script: string, { seconds = 30 }: { seconds?: number } = {}): Promise<void> {
    const began = Date.now();
    const deadline = began + seconds * 1000;
    for (;;) {
      const { status, stdout, stderr } = await this.run(script);
      if (status === 0) return;
      const now = Date.now();
      if (now > deadline)
        throw new Error(`Waited in vain on ${this.name} until: ${script}\n${stdout}${stderr}`);
      // Looking costs others time: what takes longer is looked at less often.
      await pause(Math.min(20 + (now - began) / 10, 200));
    }
  }

  /** Writes a file, and the folders above it where they are missing. */
  async write(file: string, text: string | Buffer): Promise<void> {
    await this.must(['/bin/sh', '-ec', 'mkdir -p "$(dirname "$1")"; cat > "$1"', 'sh', file], {
      stdin: text,
    });
  }

  /** The text of a file; undefined where there is none. */
  async file(file: string): Promise<string | undefined> {
    const { status, stdout } = await this.run(['cat', '--', file]);
    return status === 0 ? stdout : undefined;
  }

  /** Copies the content of a folder of this machine into a folder of the node. */
  async copyIn(here: string, inside: string): Promise<void> {
    const packed = await execa('tar', ['-C', here, '-c', '.'], { encoding: 'buffer' });
    await this.must(['mkdir', '-p', inside]);
    await this.must(['tar', '-C', inside, '--no-same-owner', '-x'], { stdin: Buffer.from(packed.stdout) });
  }

  async install(packages: readonly string[]): Promise<void> {
    if (this.family === 'rpm') {
      await this.must(['dnf', 'install', '-y', '-q', ...packages]);
      return;
    }
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await this.must('apt-get update -q', { env });
    await this.must(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], { env });
  }

  /** Applies a tree by the program, as a user would, and tells what came of it. */
  converge(tree?: Tree, options: ConvergeOptions = {}): Promise<Converged> {
    return converge(this, tree, options);
  }

  /** Cuts the node off from a network, or from one other node of it: silently, as links stay up. */
  cut(network: Network, other?: Node): void {
    cut(this.name, network, other?.name);
  }

  /** Undoes every cut of this node. */
  heal(): void {
    heal(this.name);
  }

  /** Powers off in an orderly way. */
  stop(): Promise<void> {
    return this.#machine.stop();
  }

  /** Cuts the power: nothing is finished, nothing is said, not even to the network. */
  kill(): Promise<void> {
    return this.#machine.kill();
  }

  /** Keeps what it has written, while its power is off: see `disk` of `boot`. */
  saveDisk(folder: string): void {
    this.#machine.saveDisk(folder);
  }

  /** Waits until a reboot that the node asked for itself is done. */
  async rebooted(): Promise<void> {
    const status = await this.#machine.end();
    if (status !== rebootAsked) throw new Error(`${this.name} ended with ${status} instead of a reboot.`);
    await this.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#machine.remove();
  }
}
