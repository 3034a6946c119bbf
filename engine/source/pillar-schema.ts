/** Finds the schemas by which state trees say what they take from the pillar. */
import type { TreeFile } from './tree.ts';

const schemaName = 'pillar.schema.json';

/** Those of the folders that a file of states lies in, outermost first. */
export function schemasAbove({ name }: TreeFile): string[] {
  const folders = name.split('/').slice(0, -1);
  return ['', ...folders.map((_, index) => `${folders.slice(0, index + 1).join('/')}/`)].map(
    (folder) => folder + schemaName,
  );
}
