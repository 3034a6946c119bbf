/** Runs the command line of this process. Streams and modules of Node that a run may do without are loaded at need. */
import { fstatSync, writeSync } from 'node:fs';
import { type Signal, signalNumbers } from '../engine/cli/interruption.ts';
import { executeCli, type Stream } from '../engine/cli/main.ts';

/** Why some of the output could not be written. */
let lost: string | undefined;

/** `process.stdout` takes 3 ms to come into being; a plain write does for all that is no terminal. */
function stream(fd: number, full: () => NodeJS.WriteStream): Stream {
  const terminal = mayBeTerminal(fd);
  let slow: NodeJS.WriteStream | undefined;
  function fallBack(): NodeJS.WriteStream {
    // A reader that went away (`| head`) ends the output, not the run.
    slow ??= full().on('error', () => {});
    return slow;
  }
  return {
    get isTTY() {
      return terminal && fallBack().isTTY;
    },
    get columns() {
      return terminal ? fallBack().columns : undefined;
    },
    write(text) {
      if (terminal || slow) return void fallBack().write(text);
      let rest = Buffer.from(text);
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Somebody made the pipe non-blocking, and it is full.
        if (code === 'EAGAIN') fallBack().write(rest);
        // A full disk must not pass for a short answer; a reader that went away, or never was, wants none.
        else if (code !== 'EPIPE' && code !== 'EBADF') lost ??= code;
      }
    },
  };
}

/** Whether it may be a terminal. Devices of major number 1 are memory: /dev/null, where cron's output often goes. */
function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && ((stat.rdev >> 8) & 0xfff) !== 1;
  } catch {
    return false;
  }
}

/** The launcher found that hang-ups are to be ignored, which Node does not tell. Commands are no concern of it. */
const nohup = process.env['CONVERGE_NOHUP'] !== undefined;
delete process.env['CONVERGE_NOHUP'];
if (nohup) process.on('SIGHUP', () => {});

// The launcher keeps the memory of this process small, and not that of what it starts.
if (process.env['CONVERGE_SMALL'] !== undefined) {
  delete process.env['CONVERGE_SMALL'];
  delete process.env['MALLOC_ARENA_MAX'];
}

const stderr = stream(2, () => process.stderr);
executeCli(process.argv.slice(2), {
  stdout: stream(1, () => process.stdout),
  stderr,
  env: process.env,
  cwd: process.cwd(),
  uid: process.getuid?.() ?? -1,
  program: [process.execPath, ...process.execArgv, process.argv[1]!],
  async read(prompt) {
    const { readSecretly } = await import('../engine/cli/terminal.ts');
    return await readSecretly(prompt, process.stdin, process.stderr);
  },
  onCrash(handler) {
    process.on('uncaughtException', (error) => process.exit(handler(error)));
  },
  signals: {
    listen(handler) {
      const names = (Object.keys(signalNumbers) as Signal[]).filter((name) => name !== 'SIGHUP' || !nohup);
      for (const name of names) process.on(name, handler);
      return () => {
        for (const name of names) process.removeListener(name, handler);
      };
    },
  },
}).then((code) => {
  if (lost) stderr.write(`converge: some of the output could not be written (${lost}).\n`);
  process.exitCode = code;
});
