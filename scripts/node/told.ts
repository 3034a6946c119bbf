/** What this node was told, in files of the pillar that are its own. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Mapping, split, toYaml } from './data.ts';
import { readText, write } from './files.ts';
import { secretsFolder, toldFolder } from './places.ts';
import { readYaml } from './read-yaml.ts';
import { isSecret, refit } from './wanted.ts';

const include = 'include: [node_fitted, node_secrets]\n';

/** Folders of what is in use, and of what is tried before it is: what lies below the one of secrets is secret, too. */
const inUse = { told: toldFolder, secrets: secretsFolder };
const tried = { told: `${toldFolder}/next`, secrets: `${secretsFolder}/next` };

export function readTold(): { readonly told: Mapping; readonly secrets: Mapping } {
  const toldFile = `${toldFolder}/node.yaml`;
  const secretsFile = `${secretsFolder}/node_secrets.yaml`;
  const told = readText(toldFile);
  const secrets = readText(secretsFile);
  return {
    told: told === undefined ? {} : readYaml(told.replace(include, ''), toldFile),
    secrets: secrets === undefined ? {} : readYaml(secrets, secretsFile),
  };
}

/** `base` is the pillar of the tree alone, whose values that speak of the domain of the examples are fitted anew. */
export function writeTold(all: Mapping, base: Mapping, domain: string, to = inUse): void {
  const [secrets, told] = split(all, isSecret);
  write(
    `${to.told}/node_fitted.yaml`,
    `#!yaml\n# Values of the tree that name example.org, for this domain. Made anew by each bootstrap and update.\n${toYaml(refit(base, domain))}`,
  );
  write(
    `${to.secrets}/node_secrets.yaml`,
    `#!yaml\n# Secrets that this node was told, or made. Nothing else belongs here.\n${toYaml(secrets)}`,
    { mode: 0o600, folderMode: 0o700 },
  );
  write(
    `${to.told}/node.yaml`,
    `#!yaml\n# What this node was told; it wins over the pillar of the tree.\n${include}${toYaml(told)}`,
  );
  if (to === inUse) endTrial();
}

/** Until it is written for good, or the trial ends. */
export function tryTold(all: Mapping, base: Mapping, domain: string): void {
  writeTold(all, base, domain, tried);
}

export function endTrial(): void {
  for (const folder of Object.values(tried)) rmSync(folder, { recursive: true, force: true });
}

export function isTried(file: string): boolean {
  return Object.values(tried).some((folder) => resolve(file).startsWith(`${folder}/`));
}

/** Options of converge by which a tree is taken with what is tried. */
export function onTrial(tree: string): string[] {
  const folders = [`${tree}/pillar`, tried.told, toldFolder, tried.secrets, secretsFolder];
  return [
    ...['--states', `${tree}/states`, '--templates', `${tree}/templates`],
    ...folders.flatMap((folder) => ['--pillar', folder]),
  ];
}
