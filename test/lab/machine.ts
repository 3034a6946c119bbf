/** The machine below a node: systemd-nspawn over an overlay, with a network and control groups of its own. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { cutOff, namespaceOf, plug, unplug } from './network.ts';
import { clearNode, folder, makeGroups, makeRoom } from './own.ts';

/** Search path of whatever runs inside. */
export const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Exit status of systemd-nspawn where the guest asked for a reboot. */
export const rebootAsked = 133;

/** systemd(1): SIGRTMIN+4 to the init process powers off. */
const powerOff = 34 + 4;

/** Milliseconds, before the test itself is given up and all that could tell why is gone. */
const mostToStop = 60_000;

export interface Hardware {
  readonly name: string;
  /** The last part of its addresses. */
  readonly number: number;
  readonly rootfs: string;
  /** Seen read-only inside: path inside → path here. */
  readonly binds: { readonly [inside: string]: string };
  /** Written to by all nodes. */
  readonly shared: { readonly [inside: string]: string };
  /** A folder that `saveDisk` has left, to go on with. */
  readonly disk?: string | undefined;
}

export class Machine {
  readonly #name: string;
  readonly #number: number;
  readonly #place: string;
  readonly #binds: readonly string[];
  /** The running systemd-nspawn; undefined while the power is off. */
  #running: ChildProcess | undefined;
  /** Its init process, as this machine counts processes. */
  #leader: number | undefined;
  #ended: Promise<number> = Promise.resolve(0);

  constructor({ name, number, rootfs, binds, shared, disk }: Hardware) {
    this.#name = name;
    this.#number = number;
    this.#place = `${folder}/${name}`;
    this.#binds = [
      ...Object.entries(binds).map(([inside, here]) => `--bind-ro=${here}:${inside}`),
      ...Object.entries(shared).map(([inside, here]) => `--bind=${here}:${inside}`),
    ];
    for (const here of Object.values(shared)) mkdirSync(here, { recursive: true });
    if (existsSync(this.#place)) throw new Error(`There is a node "${name}" already.`);
    for (const part of ['upper', 'work', 'root']) mkdirSync(`${this.#place}/${part}`, { recursive: true });
    if (disk !== undefined) execFileSync('cp', ['-a', `${disk}/.`, `${this.#place}/upper`]);
    const layers = `lowerdir=${rootfs},upperdir=${this.#place}/upper,workdir=${this.#place}/work`;
    // volatile: nothing of a throw-away node needs to reach the disk.
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `${layers},volatile`, this.root]);
  }

  /** Its file system, as this machine sees it. */
  get root(): string {
    return `${this.#place}/root`;
  }

  /** What begins a command inside. */
  get entrance(): readonly string[] {
    if (!this.#leader) throw new Error(`${this.#name} is off.`);
    return ['nsenter', '-t', String(this.#leader), '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w'];
  }

  /** Powers on. `isReady` is asked as soon as something can run inside. */
  async start(isReady: () => Promise<boolean>): Promise<void> {
    if (this.#running) throw new Error(`${this.#name} runs already.`);
    makeRoom();
    plug(this.#name, this.#number);
    const running = this.#spawn();
    this.#running = running;
    this.#ended = new Promise((resolve) => {
      running.once('exit', (status) => {
        this.#running = undefined;
        this.#leader = undefined;
        resolve(status ?? 1);
      });
    });
    const deadline = Date.now() + 30_000;
    while (this.#running === running && Date.now() < deadline) {
      this.#leader ??= leaderOf(running.pid!);
      if (this.#leader && (await isReady())) return;
      await pause(20);
    }
    const log = readFileSync(`${this.#place}/log`, 'utf8');
    throw new Error(`${this.#name} does not come up:\n${log.slice(-2000)}`);
  }

  #spawn(): ChildProcess {
    const log = openSync(`${this.#place}/log`, 'a');
    const enter = makeGroups(this.#name).map((group) => `echo $$ > ${group}/cgroup.procs`);
    const argv = [
      '--quiet',
      `--directory=${this.root}`,
      '--boot',
      `--machine=${namespaceOf(this.#name)}`,
      `--hostname=${this.#name}`,
      '--register=no',
      '--keep-unit',
      `--network-namespace-path=/run/netns/${namespaceOf(this.#name)}`,
      '--capability=CAP_NET_ADMIN',
      '--resolv-conf=off',
      '--timezone=off',
      '--link-journal=no',
      ...this.#binds,
    ];
    // setpriv: a node never outlives the tests, even if they are killed.
    const script = `${enter.join('\n')}\nexec setpriv --pdeathsig KILL systemd-nspawn "$@"`;
    const running = spawn('/bin/sh', ['-ec', script, 'sh', ...argv], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: path, SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
    });
    closeSync(log);
    running.unref();
    return running;
  }

  /** Powers off in an orderly way. What does not let go is told by name, and ends like the others. */
  async stop(): Promise<void> {
    if (this.#leader) process.kill(this.#leader, powerOff);
    const isOff = this.end().then(() => true);
    const late = new AbortController();
    if (!(await Promise.race([isOff, pause(mostToStop, false, { signal: late.signal })]))) {
      const left = processesBelow(this.#running!.pid!);
      await this.kill();
      throw new Error(`${this.#name} does not power off:\n${left.join('\n')}`);
    }
    late.abort();
  }

  /** Cuts the power: nothing is finished, nothing is said, not even to the network. */
  async kill(): Promise<void> {
    if (this.#running) cutOff(this.#name);
    if (this.#leader) process.kill(this.#leader, 'SIGKILL');
    await this.end();
  }

  /** Keeps what it has written, while its power is off. */
  saveDisk(folder: string): void {
    mkdirSync(folder, { recursive: true });
    execFileSync('cp', ['-a', `${this.#place}/upper/.`, folder]);
  }

  /** Takes everything away. */
  async remove(): Promise<void> {
    clearNode(this.#name);
    await this.end();
    unplug(this.#name);
  }

  /** The exit status of systemd-nspawn. A node that runs does not keep this process alive; one that is awaited does. */
  end(): Promise<number> {
    this.#running?.ref();
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

/** Their command lines, states, and what they wait for in the kernel. */
function processesBelow(pid: number): string[] {
  const { stdout } = spawnSync('ps', [
    '--no-headers',
    '-o',
    'pid,ppid,stat,wchan:24,etime,args',
    '-p',
    String(pid),
  ]);
  return [String(stdout).trimEnd(), ...childrenOf(pid).flatMap(processesBelow)];
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // It ended between two looks.
  }
}
