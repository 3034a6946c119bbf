/** The converge that was installed a moment ago, asked and told by its command line. */
import { spawnSync } from 'node:child_process';
import type { Data, Mapping } from './data.ts';
import { current, settingsFile } from './places.ts';
import { Trouble } from './trouble.ts';

/** The version beside the present one, during an update. */
const program = `${process.env['CONVERGE_VERSION_FOLDER'] ?? current}/converge`;

type Placed = (file: string, line: number) => string;

/** With --json errors are on stdout. */
function whyOf(stdout: string, stderr: string, placed: Placed): string[] {
  try {
    const { errors } = JSON.parse(stdout) as { readonly errors: readonly Mapping[] };
    return errors.flatMap(({ message, file, line, hint }) => [
      file ? `${message} (${placed(String(file), Number(line))})` : String(message),
      ...(hint ? [`  ${hint}`] : []),
    ]);
  } catch {
    return `${stderr}${stdout}`.trim().split('\n');
  }
}

const inFile: Placed = (file, line) => `${file}, line ${line}`;

/** `placed`: where what is wrong stands. */
export function ask(args: readonly string[], placed = inFile): Mapping {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) throw new Trouble(`${program} did not start: ${error.message}`);
  if (status !== 0)
    throw new Trouble(`converge ${args.slice(0, 2).join(' ')} failed.`, ...whyOf(stdout, stderr, placed));
  return JSON.parse(stdout) as Mapping;
}

/** The pillar of this node; secrets in it are masked. */
export function readPillar(options: readonly string[] = []): Mapping {
  return ask(['show', 'pillar', '--json', '--config', settingsFile, ...options]);
}

/** One value of the pillar, secret or not, as it is. */
export function reveal(path: string): Data | undefined {
  return ask(['pillar', 'get', path, '--reveal', '--json', '--config', settingsFile])[path];
}

export function readGrains(): Mapping {
  return ask(['show', 'grains', '--json', '--config', settingsFile]);
}

/** Throws where the states and what they take from the pillar do not compile. `placed` as above. */
export function compile(options: readonly string[], placed: Placed): void {
  ask(['show', 'lowstate', '--json', '--config', settingsFile, ...options], placed);
}

/** A run of the watch may be going on; an order of certificates takes its time. */
export const patience = ['--wait', '3600'];

/** Runs it before the eyes of the user. Returns its exit status. */
export function run(args: readonly string[]): number {
  const { status, signal, error } = spawnSync(program, [...args, '--config', settingsFile], {
    stdio: 'inherit',
  });
  if (error) throw new Trouble(`${program} did not start: ${error.message}`);
  return status ?? (signal === 'SIGINT' ? 130 : 1);
}
