/** A timer outside this process that runs a command at a moment, whatever becomes of us. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Errand {
  /** What it is for, in a few words; one line. */
  readonly title: string;
  /** Absolute path of a program, and its words. */
  readonly argv: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The same from now on. */
  readonly seconds: number;
}

const unitFolder = '/etc/systemd/system';

/** sd_booted(3). */
export function hasSystemd(): boolean {
  return process.getuid!() === 0 && existsSync('/run/systemd/system');
}

/**
 * A timer of systemd that is still there after a reboot, and that fires at once where its time has passed meanwhile.
 * The clock may be set by the very run it watches over, so it counts the seconds as well. On the disk when it returns.
 * Throws where systemd or the disk refuses.
 */
export function armUnit(unit: string, { title, argv, at, seconds }: Errand): void {
  const calendar = new Date(Math.ceil(at / 1000) * 1000).toISOString().replace('T', ' ').replace(/\..*/, '');
  writeLasting(
    `${unitFolder}/${unit}.service`,
    `[Unit]
Description=${specifiersEscaped(title)}
StartLimitIntervalSec=3600
StartLimitBurst=6

[Service]
ExecStart=${argv.map(quoted).join(' ')}
WorkingDirectory=/
Restart=on-failure
RestartSec=5
# What it has started anew may have been started by us.
KillMode=process
`,
  );
  writeLasting(
    `${unitFolder}/${unit}.timer`,
    `[Unit]
Description=${specifiersEscaped(title)}

[Timer]
OnCalendar=${calendar} UTC
OnActiveSec=${seconds}
AccuracySec=100ms
Persistent=true

[Install]
WantedBy=timers.target
`,
  );
  systemctl('enable', `${unit}.timer`);
  syncFolder(`${unitFolder}/timers.target.wants`);
  // One that was left over would keep its old time.
  systemctl('restart', `${unit}.timer`);
}

/** Safe to call from within the service itself, and where there is no such unit. */
export function disarmUnit(unit: string): void {
  const files = [`${unitFolder}/${unit}.timer`, `${unitFolder}/${unit}.service`];
  if (!files.some((file) => existsSync(file))) return;
  systemctl('disable', '--now', `${unit}.timer`);
  for (const file of files) rmSync(file, { force: true });
  syncFolder(unitFolder);
  systemctl('daemon-reload');
}

/**
 * For machines without systemd: a shell in a session of its own, which no hang-up and no signal to our group reaches.
 * It does not survive a reboot. Returns its process id; throws where it cannot be started.
 */
export function armProcess(log: string, { argv, seconds }: Errand): number {
  const output = openSync(log, 'w', 0o600);
  try {
    const script =
      'trap "" HUP; sleep "$1"; shift; n=0; until "$@"; do n=$((n + 1)); [ $n -lt 6 ] || exit 1; sleep 5; done';
    const child = spawn('/bin/sh', ['-c', script, 'converge-revert', String(seconds), ...argv], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', output, output],
    });
    // Where it cannot be started is told by there being no process id.
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined) throw new Error('/bin/sh cannot be started');
    return child.pid;
  } finally {
    closeSync(output);
  }
}

/** Ends it with all it may have started. */
export function disarmProcess(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** Runs the errand now. Resolves to its exit status. */
export async function runErrand({ argv }: Pick<Errand, 'argv'>): Promise<number> {
  const [program, ...words] = argv;
  const child = spawn(program!, words, { cwd: '/', stdio: ['ignore', 2, 2] });
  return await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

function systemctl(...words: string[]): void {
  execFileSync('systemctl', ['--no-ask-password', '--quiet', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
  });
}

function writeLasting(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const fd = openSync(file, 'w', 0o644);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncFolder(dirname(file));
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** systemd.service(5), "Command lines". */
function quoted(word: string): string {
  if (/[\n\r\0]/.test(word)) throw new Error('a line break in the path of the program');
  return `"${specifiersEscaped(word.replace(/["\\]/g, '\\$&')).replaceAll('$', '$$$$')}"`;
}

function specifiersEscaped(text: string): string {
  return text.replaceAll('%', '%%');
}
