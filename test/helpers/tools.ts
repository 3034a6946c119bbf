/** Programs that tests run, and how a bare Debian gets them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Program → Debian's package of it. */
export interface Tools {
  readonly [program: string]: string;
}

export function isOnPath(program: string): boolean {
  const folders = `${process.env['PATH']}:/usr/sbin:/sbin`.split(':');
  return folders.some((folder) => existsSync(`${folder}/${program}`));
}

export function missing(tools: Tools): string[] {
  return Object.keys(tools).filter((program) => !isOnPath(program));
}

/** Throws where it cannot be done. */
export function install(tools: Tools): void {
  const packages = [...new Set(missing(tools).map((program) => tools[program]!))];
  if (packages.length === 0) return;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, encoding: 'utf8' } as const;
  spawnSync('apt-get', ['update', '-q'], options);
  const done = spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options);
  if (done.status !== 0) throw new Error(`apt-get install ${packages.join(' ')} failed:\n${done.stderr}`);
}
