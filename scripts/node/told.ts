/** What this node was told, in files of the pillar that are its own. */
import { type Mapping, split, toYaml } from './data.ts';
import { readText, write } from './files.ts';
import { secretsFile, toldFile } from './places.ts';
import { readYaml } from './program.ts';
import { isSecret, refit } from './wanted.ts';

const include = 'include: [node_fitted, node_secrets]\n';
const fittedFile = toldFile.replace(/node\.yaml$/, 'node_fitted.yaml');

export function readTold(): { readonly told: Mapping; readonly secrets: Mapping } {
  const told = readText(toldFile);
  const secrets = readText(secretsFile);
  return {
    told: told === undefined ? {} : readYaml(told.replace(include, ''), toldFile),
    secrets: secrets === undefined ? {} : readYaml(secrets, secretsFile),
  };
}

/** `base` is the pillar of the tree alone, whose values that speak of the domain of the examples are fitted anew. */
export function writeTold(all: Mapping, base: Mapping, domain: string): void {
  const [secrets, told] = split(all, isSecret);
  write(
    fittedFile,
    `#!yaml\n# Values of the tree that name example.org, for this domain. Made anew by each bootstrap and update.\n${toYaml(refit(base, domain))}`,
  );
  write(
    secretsFile,
    `#!yaml\n# Secrets that this node was told, or made. Nothing else belongs here.\n${toYaml(secrets)}`,
    {
      mode: 0o600,
      folderMode: 0o700,
    },
  );
  write(
    toldFile,
    `#!yaml\n# What this node was told; it wins over the pillar of the tree.\n${include}${toYaml(told)}`,
  );
}
