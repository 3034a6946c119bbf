/** The state trees of this repository, as files for a node. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../states');

export function filesOf(...trees: readonly string[]): { [path: string]: string } {
  const names = trees.flatMap((tree) => readdirSync(join(folder, tree)).map((name) => `${tree}/${name}`));
  return Object.fromEntries(
    names.map((name) => [`states/${name}`, readFileSync(join(folder, name), 'utf8')]),
  );
}
