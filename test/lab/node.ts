/** A node: a real Debian with its own systemd, apt and network, booted in half a second and thrown away after use. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Cache, type Family, prepareCache } from './cache.ts';
import { addressesOf, cutOff, namespaceOf, plug, unplug } from './network.ts';
import { claimNames, clearNode, folder, makeGroups } from './own.ts';

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

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Exit status of systemd-nspawn where the guest asked for a reboot. */
const rebootAsked = 133;

/** systemd(1): SIGRTMIN+4 to the init process powers off. */
const powerOff = 34 + 4;

let lastNumber = 10;

/** Boots a node. `await using` ends it with the test. */
export async function boot(options: BootOptions = {}): Promise<Node> {
  const cache = await prepareCache(options.family ?? 'debian');
  await claimNames();
  const number = ++lastNumber;
  const node = new Node(options.name ?? `n${number}`, number, cache, options);
  try {
    await node.start();
    if (options.packages?.length) await node.install(options.packages);
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
  readonly #number: number;
  readonly #place: string;
  readonly #binds: readonly string[];
  /** The running systemd-nspawn; undefined while the node is off. */
  #machine: ChildProcess | undefined;
  /** Its init process, as this machine counts processes. */
  #leader: number | undefined;
  #ended: Promise<number> = Promise.resolve(0);

  constructor(name: string, number: number, cache: Cache, options: BootOptions) {
    if (!/^[a-z0-9-]{1,10}$/.test(name)) throw new Error(`"${name}" cannot be the name of a node.`);
    this.name = name;
    this.family = options.family ?? 'debian';
    this.#number = number;
    this.addresses = addressesOf(number);
    this.#place = `${folder}/${name}`;
    const binds = {
      ...(this.family === 'rpm' ? {} : { '/srv/repository': cache.repository }),
      ...(options.bare ? {} : { '/usr/local/bin/node': process.execPath, [checkout]: checkoutHere }),
      ...options.binds,
    };
    this.#binds = Object.entries(binds).map(([inside, here]) => `--bind-ro=${here}:${inside}`);
    if (existsSync(this.#place)) throw new Error(`There is a node "${name}" already.`);
    this.#makeDisk(cache.rootfs);
  }

  #makeDisk(rootfs: string): void {
    for (const part of ['upper', 'work', 'root']) mkdirSync(`${this.#place}/${part}`, { recursive: true });
    const layers = `lowerdir=${rootfs},upperdir=${this.#place}/upper,workdir=${this.#place}/work`;
    // volatile: nothing of a throw-away node needs to reach the disk.
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `${layers},volatile`, `${this.#place}/root`]);
    const etc = `${this.#place}/root/etc`;
    writeFileSync(`${etc}/hostname`, `${this.name}\n`);
    writeFileSync(`${etc}/hosts`, `127.0.0.1 localhost\n${this.addresses[0]} ${this.name}\n`);
    // Nobody answers there, which is found out at once.
    writeFileSync(`${etc}/resolv.conf`, 'nameserver 127.0.0.1\n');
  }

  /** Powers the node on and waits until systemd has started everything. */
  async start(): Promise<void> {
    if (this.#machine) throw new Error(`${this.name} runs already.`);
    plug(this.name, this.#number);
    const log = openSync(`${this.#place}/log`, 'a');
    const enter = makeGroups(this.name).map((group) => `echo $$ > ${group}/cgroup.procs`);
    const argv = [
      '--quiet',
      `--directory=${this.#place}/root`,
      '--boot',
      `--machine=${namespaceOf(this.name)}`,
      `--hostname=${this.name}`,
      '--register=no',
      '--keep-unit',
      `--network-namespace-path=/run/netns/${namespaceOf(this.name)}`,
      '--capability=CAP_NET_ADMIN',
      '--resolv-conf=off',
      '--timezone=off',
      '--link-journal=no',
      ...this.#binds,
    ];
    // setpriv: a node never outlives the tests, even if they are killed.
    const script = `${enter.join('\n')}\nexec setpriv --pdeathsig KILL systemd-nspawn "$@"`;
    const machine = spawn('/bin/sh', ['-ec', script, 'sh', ...argv], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: path, SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
    });
    closeSync(log);
    machine.unref();
    this.#machine = machine;
    this.#ended = new Promise((resolve) => {
      machine.once('exit', (status) => {
        this.#machine = undefined;
        this.#leader = undefined;
        resolve(status ?? 1);
      });
    });
    await this.#ready(machine);
  }

  async #ready(machine: ChildProcess): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (this.#machine === machine && Date.now() < deadline) {
      this.#leader ??= leaderOf(machine.pid!);
      if (this.#leader) {
        const state = (await this.run(['systemctl', 'is-system-running'])).stdout.trim();
        if (state === 'running' || state === 'degraded') return;
      }
      await pause(20);
    }
    throw new Error(
      `${this.name} does not come up:\n${readFileSync(`${this.#place}/log`, 'utf8').slice(-2000)}`,
    );
  }

  /** Runs a command as root, or a script with /bin/sh. A status other than 0 is an answer, not an error. */
  async run(command: readonly string[] | string, options: RunOptions = {}): Promise<Ran> {
    if (!this.#leader) throw new Error(`${this.name} is off.`);
    const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const variables = { PATH: path, HOME: '/root', LANG: 'C.UTF-8', ...options.env };
    const result = await execa(
      'nsenter',
      [
        ...['-t', String(this.#leader), '-m', '-u', '-i', '-n', '-p', '-C', '-r', `-w`],
        ...[
          'env',
          '-i',
          '-C',
          options.cwd ?? '/root',
          ...Object.entries(variables).map(([k, v]) => `${k}=${v}`),
        ],
        ...argv,
      ],
      {
        reject: false,
        stripFinalNewline: false,
        timeout: (options.timeout ?? 60) * 1000,
        ...(options.stdin === undefined ? { stdin: 'ignore' as const } : { input: options.stdin }),
      },
    );
    if (result.timedOut) throw new Error(`${argv.join(' ')} does not end on ${this.name}:\n${result.stderr}`);
    return { status: result.exitCode ?? 128 + 9, stdout: result.stdout, stderr: result.stderr };
  }

  /** Like `run`, where anything but success is an error of the test. Returns what was printed. */
  async must(command: readonly string[] | string, options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, options);
    if (status !== 0) throw new Error(`${command} on ${this.name} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Waits until a script succeeds. */
  async until(script: string, { seconds = 10 }: { seconds?: number } = {}): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while ((await this.run(script)).status !== 0) {
      if (Date.now() > deadline) throw new Error(`Waited in vain on ${this.name} until: ${script}`);
      await pause(20);
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

  /** Powers off in an orderly way. */
  async stop(): Promise<void> {
    if (this.#leader) process.kill(this.#leader, powerOff);
    await this.#end();
  }

  /** Cuts the power: nothing is finished, nothing is said, not even to the network. */
  async kill(): Promise<void> {
    cutOff(this.name);
    if (this.#leader) process.kill(this.#leader, 'SIGKILL');
    await this.#end();
  }

  /** Waits until a reboot that the node asked for itself is done. */
  async rebooted(): Promise<void> {
    const status = await this.#end();
    if (status !== rebootAsked) throw new Error(`${this.name} ended with ${status} instead of a reboot.`);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearNode(this.name);
    await this.#end();
    unplug(this.name);
  }

  /** A node that runs does not keep this process alive; one whose end is waited for does. */
  #end(): Promise<number> {
    this.#machine?.ref();
    return this.#ended;
  }
}

/** The child of systemd-nspawn that is process 1 of its own namespace. */
function leaderOf(machine: number): number | undefined {
  return childrenOf(machine).find((child) => /^NSpid:.*\t1$/m.test(statusOf(child)));
}

function childrenOf(pid: number): number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // It ended between two looks.
  }
}
