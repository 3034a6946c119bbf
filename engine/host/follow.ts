/** Follows what a program prints that runs on: line by line, and never longer than we live. */
import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';

export interface Follower {
  line(text: string): void;
  end(reason: string): void;
}

/** Bytes of a line that are kept; the rest of it is left out. */
const longest = 64 << 10;

/** Characters of what it complains about that are kept. */
const complaint = 2000;

/** Milliseconds for which output is awaited after the program has ended, should something else still hold it. */
const lingering = 1000;

const folders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What systemd tells us, and nobody that we start. */
const ours = /^(NOTIFY_SOCKET|WATCHDOG_\w+|LISTEN_\w+)$/;

/**
 * Starts a program in a session of its own, without input and with untranslated messages, and hands over what it
 * prints; bytes that are no UTF-8 become U+FFFD. `end` is told once, never before this returns, and not after it was
 * disposed of, which kills the program and all in its process group.
 *
 * Where we are killed ourselves the kernel kills the program with us, by setpriv(1); without that it ends when it next
 * prints something. What it has started itself is then left to itself, or to systemd where we are a service.
 */
export function follow(argv: readonly string[], on: Follower): Disposable {
  const [program = ''] = argv;
  let child: ChildProcess | undefined;
  let complaints = '';
  let over = false;
  let alive = true;
  let lag: NodeJS.Timeout | undefined;
  const lines = createLines((text) => {
    if (!over) on.line(text);
  });
  try {
    child = start(argv);
  } catch (error) {
    // A NUL among its words, for one.
    setImmediate(end, (error as Error).message);
    return { [Symbol.dispose]: stop };
  }
  // Where too many files are open there are none.
  child.stdout?.on('data', lines.add);
  child.stderr?.on('data', (bytes: Buffer) => {
    complaints = (complaints + bytes.toString()).slice(-complaint);
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    end(error.code === 'ENOENT' ? 'command not found' : error.message);
  });
  child.on('exit', () => {
    killGroup();
    alive = false;
    if (!over) lag = setTimeout(closeOutput, lingering);
  });
  child.on('close', (status, signal) => {
    lines.end();
    if (status === 127) return end('command not found');
    const last = complaints.trim().split('\n').at(-1);
    end(`it ended with ${signal ?? `status ${status}`}${last ? `: ${last}` : ''}`);
  });
  return { [Symbol.dispose]: stop };

  function end(reason: string): void {
    if (over) return;
    stop();
    on.end(`${program}: ${reason}`);
  }

  function stop(): void {
    over = true;
    clearTimeout(lag);
    killGroup();
    closeOutput();
  }

  function killGroup(): void {
    // Once it has ended, its number may be another's.
    if (!alive || child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of it is gone.
    }
  }

  function closeOutput(): void {
    child?.stdout?.destroy();
    child?.stderr?.destroy();
  }
}

function start(argv: readonly string[]): ChildProcess {
  const [program = '', ...words] = mortal ? [mortal, '--pdeathsig', 'KILL', '--', ...argv] : argv;
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!ours.test(name)) env[name] = value;
  env['PATH'] = env['PATH'] ? `${env['PATH']}:${folders}` : folders;
  env['LC_ALL'] = 'C';
  return spawn(program, words, { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The program that makes another one die with its parent: that of util-linux, as BusyBox' does not know how. */
const mortal = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => {
  try {
    return realpathSync(path).endsWith('/setpriv');
  } catch {
    return false;
  }
});

/** Cuts bytes into lines. A line that never ends takes no more than `longest`. */
function createLines(onLine: (text: string) => void): { add(bytes: Buffer): void; end(): void } {
  let parts: Buffer[] = [];
  let size = 0;

  function keep(bytes: Buffer): void {
    const fits = bytes.subarray(0, longest - size);
    if (fits.length === 0) return;
    parts.push(fits);
    size += fits.length;
  }
  function hand(): void {
    const text = Buffer.concat(parts).toString();
    parts = [];
    size = 0;
    onLine(text);
  }
  return {
    add(bytes) {
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        keep(bytes.subarray(from, end));
        hand();
        from = end + 1;
      }
      keep(bytes.subarray(from));
    },
    end() {
      if (size > 0) hand();
    },
  };
}
