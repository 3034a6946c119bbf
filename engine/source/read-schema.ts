/** Reads the schema of a state tree, with the places of its parts. */
import { Trouble } from '../core/diagnostic.ts';
import { JsonSyntax, parseJson } from '../core/json-reader.ts';
import type { SchemaFile } from '../core/json-schema.ts';
import type { TreeFile } from './tree.ts';
import { locateInYaml, placesIn } from './yaml.ts';

/** Throws Trouble. */
export function readSchema({ file, text }: TreeFile): SchemaFile {
  const placeOf = placesIn(file, text);
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    throw new Trouble([
      {
        code: 'bad-pillar-schema',
        message: 'The schema is no JSON from here on.',
        origin: { place: () => placeOf(offsetOfMistake(text)) },
      },
    ]);
  }
  return {
    file,
    schema,
    // JSON is YAML.
    locate: (path, on) => ({
      place: () => {
        const { start, end } = locateInYaml(text, path, on);
        const line = text.indexOf('\n', start);
        return { ...placeOf(start), length: Math.max(1, Math.min(end, line === -1 ? end : line) - start) };
      },
    }),
  };
}

/** JSON.parse does not tell it of every mistake. */
function offsetOfMistake(text: string): number {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntax) return Math.min(error.offset, text.length);
    throw error;
  }
  return 0;
}
