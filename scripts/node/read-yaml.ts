/** What a YAML text says, read by converge apart from all that it knows of this node: secrets are wanted as they are. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mapping } from './data.ts';
import { runFolder } from './places.ts';
import { ask } from './program.ts';
import { Trouble } from './trouble.ts';

export function readYaml(text: string, file: string): Mapping {
  // It is data: a brace in a password is no template.
  const told = text.startsWith('#!');
  mkdirSync(runFolder, { recursive: true });
  // In memory: what a `kill -9` leaves there is gone with the next boot, and nobody else can read it (0700).
  const folder = mkdtempSync(join(runFolder, 'converge-bootstrap-'));
  try {
    writeFileSync(
      join(folder, 'converge.yaml'),
      `states: ${folder}\npillar: ${folder}\nsecret_pillar: []\nidentity: ${folder}/none\nstate_dir: ${folder}/state\ncache: ${folder}/cache\nsyslog: false\n`,
    );
    writeFileSync(join(folder, 'top.yaml'), "base:\n  '*': [read]\n");
    writeFileSync(join(folder, 'read.yaml'), told ? text : `#!yaml\n${text}`, { mode: 0o600 });
    return ask(['show', 'pillar', '--json', '--config', join(folder, 'converge.yaml')], (inside, line) =>
      inside.endsWith('/read.yaml') ? `${file}, line ${told ? line : line - 1}` : file,
    );
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    throw new Trouble(`${file} cannot be read.`, ...error.hints.map((hint) => hint.replaceAll(folder, '')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
