/** Locks that the kernel frees when this process dies, however it dies. */
import { spawn } from 'node:child_process';

export interface Held extends Disposable {
  readonly file: string;
}

/**
 * An exclusive flock(2) on a file. Node.js has no call for it, so flock(1) holds it for as long as a pipe from
 * this process is open. Without `wait`, undefined where somebody else holds it.
 */
export async function hold(file: string, { wait }: { wait: boolean }): Promise<Held | undefined> {
  const argv = [...(wait ? [] : ['--nonblock']), file, 'sh', '-c', 'echo held; exec cat >/dev/null'];
  const holder = spawn('flock', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const held = await new Promise<boolean>((resolve, reject) => {
    holder.stdout.once('data', () => resolve(true));
    holder.once('exit', () => resolve(false));
    holder.once('error', reject);
  });
  if (!held) return undefined;
  // A lock held until the end of the process must not keep the process from ending.
  holder.unref();
  for (const pipe of [holder.stdin, holder.stdout]) (pipe as unknown as { unref(): void }).unref();
  return { file, [Symbol.dispose]: () => holder.stdin.end() };
}
