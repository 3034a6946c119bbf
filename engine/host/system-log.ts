/** Sends one line to the system log: by logger(1), as Node.js has no call for the sockets that log daemons listen on. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface SystemLog {
  /** Where the journal of systemd listens, and where any other log does. */
  readonly journal: string;
  readonly syslog: string;
  readonly env: { readonly [name: string]: string | undefined };
}

export const systemLog = (env: SystemLog['env']): SystemLog => ({
  journal: '/run/systemd/journal/socket',
  syslog: '/dev/log',
  env,
});

/** Of syslog(3). */
const priorities = { 3: 'err', 5: 'notice', 6: 'info' } as const;

export interface Line {
  readonly message: string;
  readonly priority: keyof typeof priorities;
  readonly fields: { readonly [name: string]: string };
}

/** No field and no message may hold a newline. Resolves to why it could not be sent; undefined: it was. */
export function sendToLog({ message, priority, fields }: Line, log: SystemLog): string | undefined {
  const pairs = Object.entries(fields);
  if (existsSync(log.journal)) {
    // systemd.journal-fields(7)
    const entry = [
      `MESSAGE=${message}`,
      `PRIORITY=${priority}`,
      'SYSLOG_IDENTIFIER=converge',
      ...pairs.map(([name, value]) => `${name}=${value}`),
    ];
    const failed = logger(['--journald'], `${entry.join('\n')}\n`, log);
    if (failed === undefined || !existsSync(log.syslog)) return failed;
  }
  if (!existsSync(log.syslog)) return 'there is no system log here';
  const aside = pairs.map(([name, value]) => `${name.toLowerCase()}=${quoted(value)}`).join(' ');
  return logger(
    ['-t', 'converge', '-p', `daemon.${priorities[priority]}`, '--', `${message} [${aside}]`],
    '',
    log,
  );
}

function quoted(value: string): string {
  return /^[\w.:-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Milliseconds: a log that hangs must not keep a run. */
const patience = 5000;

function logger(words: readonly string[], input: string, { env }: SystemLog): string | undefined {
  const { status, error, stderr } = spawnSync('logger', words, {
    input,
    env,
    timeout: patience,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  if (error) return error.message;
  return status === 0 ? undefined : `logger: ${stderr.toString().trim() || `exit status ${status}`}`;
}
