/** A JSON Schema that a user wrote, with the places of its parts. */
import type { Origin } from './diagnostic.ts';
import type { Path } from './sls.ts';

export interface SchemaFile {
  readonly file: string;
  /** As JSON.parse made it. */
  readonly schema: unknown;
  locate(path: Path, on: 'key' | 'value'): Origin;
}
