/** The converge that was installed a moment ago, asked and told by its command line. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Data, Mapping } from './data.ts';
import { current, settingsFile } from './places.ts';
import { Trouble } from './trouble.ts';

/** The version beside the present one, during an update. */
const program = `${process.env['CONVERGE_VERSION_FOLDER'] ?? current}/converge`;

/** With --json errors are on stdout. */
function whyOf(stdout: string, stderr: string): string[] {
  try {
    const { errors } = JSON.parse(stdout) as { readonly errors: readonly Mapping[] };
    return errors.flatMap(({ message, file, line, hint }) => [
      file ? `${message} (${file}, line ${line})` : String(message),
      ...(hint ? [`  ${hint}`] : []),
    ]);
  } catch {
    return `${stderr}${stdout}`.trim().split('\n');
  }
}

function ask(args: readonly string[]): Mapping {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0)
    throw new Trouble(`converge ${args.slice(0, 2).join(' ')} failed.`, ...whyOf(stdout, stderr));
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

/**
 * What a YAML text says. Converge itself reads it, apart from all that it knows of this node: secrets in it are wanted
 * as they are.
 */
export function readYaml(text: string, file: string): Mapping {
  const folder = mkdtempSync(join(tmpdir(), 'converge-bootstrap-'));
  try {
    chmodSync(folder, 0o700);
    writeFileSync(
      join(folder, 'converge.yaml'),
      `states: ${folder}\npillar: ${folder}\nsecret_pillar: []\nidentity: ${folder}/none\nstate_dir: ${folder}/state\ncache: ${folder}/cache\nsyslog: false\n`,
    );
    writeFileSync(join(folder, 'top.yaml'), "base:\n  '*': [read]\n");
    // It is data: a brace in a password is no template.
    writeFileSync(join(folder, 'read.yaml'), text.startsWith('#!') ? text : `#!yaml\n${text}`, {
      mode: 0o600,
    });
    return ask(['show', 'pillar', '--json', '--config', join(folder, 'converge.yaml')]);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    throw new Trouble(`${file} cannot be read.`, ...error.hints.map((hint) => hint.replaceAll(folder, '')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs it before the eyes of the user. Returns its exit status. */
export function run(args: readonly string[]): number {
  const { status, signal, error } = spawnSync(program, [...args, '--config', settingsFile], {
    stdio: 'inherit',
  });
  if (error) throw new Trouble(`${program} did not start: ${error.message}`);
  return status ?? (signal === 'SIGINT' ? 130 : 1);
}
