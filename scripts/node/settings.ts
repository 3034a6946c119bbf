/** The settings of converge on a node, and the role that its grains tell. */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { at, type Mapping } from './data.ts';
import { readMapping, readText, write } from './files.ts';
import {
  cacheFolder,
  isSandbox,
  secretsFolder,
  settingsFile,
  settingsFolder,
  stateFolder,
  toldFolder,
  tree,
} from './places.ts';
import { Trouble } from './trouble.ts';
import type { Role } from './wanted.ts';

const mark = '# Written by bootstrap.sh, and again by each; without this line it is left as it is.\n';

/** The id has to be a full name: it is that of the records of this node in the DNS. */
export function writeSettings(domain: string | undefined): void {
  // Folders that settings name have to be there.
  mkdirSync(toldFolder, { recursive: true });
  mkdirSync(secretsFolder, { recursive: true, mode: 0o700 });
  const text = readText(settingsFile);
  if (text !== undefined && !text.startsWith(mark)) return;
  const name = hostname();
  const lines = [
    `states: [${tree}/states]`,
    `templates: ${tree}/templates`,
    `pillar: [${tree}/pillar, ${toldFolder}, ${secretsFolder}]`,
  ];
  if (domain !== undefined && !name.includes('.')) lines.push(`id: ${name}.${domain}`);
  if (isSandbox) {
    lines.push(`secret_pillar: ${secretsFolder}`, `identity: ${settingsFolder}/identity`);
    lines.push(`state_dir: ${stateFolder}`, `cache: ${cacheFolder}`, 'syslog: false');
  }
  write(settingsFile, `${mark}${lines.join('\n')}\n`);
}

const grainsFile = `${settingsFolder}/grains.yaml`;

export function readRole(): Role | undefined {
  const role = at(readMapping(grainsFile), 'role');
  return role === 'app' || role === 'db' ? role : undefined;
}

/** Other grains in the file are somebody's own, and stay with their comments. */
export function writeRole(role: Role): void {
  const text = readText(grainsFile) ?? '';
  const present: Mapping = text === '' ? {} : readMapping(grainsFile);
  const before = at(present, 'role');
  if (before === role) return;
  if (before !== undefined)
    throw new Trouble(
      `This node is ${JSON.stringify(before)} (${grainsFile}), and cannot become ${role} by another bootstrap.`,
      'Decommission it, and begin with a fresh machine.',
    );
  write(grainsFile, `${text === '' || text.endsWith('\n') ? text : `${text}\n`}role: ${role}\n`);
}
