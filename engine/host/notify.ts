/** Tells systemd how this service is: by systemd-notify(1), as Node.js has no call for the socket it listens on. */
import { spawn } from 'node:child_process';

type Environment = Record<string, string | undefined>;

/** Where systemd listens; undefined: nobody has asked yet, or nobody listens. */
let socket: string | undefined;

/**
 * `READY=1`, `WATCHDOG=1`, `STOPPING=1`. Returns at once; what goes wrong is of no concern. It speaks for the process
 * that started it, which only root may; so systemd can be told to hear no other (`NotifyAccess=main`), and it is of no
 * concern either that it is gone when systemd looks who has sent that.
 */
export function notifySystemd(state: string, env: Environment = process.env): void {
  socket ??= taken('NOTIFY_SOCKET', env);
  if (socket === undefined) return;
  const child = spawn('systemd-notify', ['--no-block', state], {
    env: { ...env, NOTIFY_SOCKET: socket },
    stdio: 'ignore',
  });
  child.on('error', () => {});
  // Nobody waits for it.
  child.unref();
}

/** Milliseconds within which systemd wants a sign of life, each time; undefined: it wants none of this process. */
export function watchdogInterval(env: Environment): number | undefined {
  const microseconds = Number(taken('WATCHDOG_USEC', env));
  const pid = taken('WATCHDOG_PID', env);
  if (!(microseconds > 0) || (pid !== undefined && Number(pid) !== process.pid)) return undefined;
  return microseconds / 1000;
}

/** Commands of states must not inherit it: a daemon that they start would speak for this service. */
function taken(name: string, env: Environment): string | undefined {
  const value = env[name];
  delete env[name];
  return value || undefined;
}
