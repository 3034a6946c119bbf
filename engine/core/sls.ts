/** A rendered and parsed SLS file, as the compiler receives it. */
import type { Origin, Place } from './diagnostic.ts';
import type { Value } from './value.ts';

/** Keys and indexes from the top of a file to one of its members. */
export type Path = readonly (string | number)[];

export interface Sls {
  /** Dotted name: `web.haproxy`. */
  readonly name: string;
  readonly file: string;
  /** Whether the file is a folder's `init`, which is what relative includes count from. */
  readonly isInit: boolean;
  readonly value: Value;
  /** As it was rendered, where it was. */
  readonly text?: string;
  /** Where a member of `value` stands in the file the user wrote. */
  locate(path: Path, on: 'key' | 'value'): Origin;
  /** What stands in the file for a scalar that YAML reads otherwise than it looks (`yes`, 0644, 22:22). */
  ambiguous(path: Path): string | undefined;
  /** Files that led here, outermost first. */
  readonly trail: readonly Place[];
}
