/** A diagnostic as the JSON contract has it: flat, with its place worked out. */
import type { Diagnostic, Place } from '../core/diagnostic.ts';

export interface PlaceData {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface DiagnosticData {
  readonly code: string;
  readonly message: string;
  /** Null where the trouble has no place in a file. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
  readonly related: readonly (PlaceData & { readonly message: string })[];
  /** The chain of includes that led to the file, outermost first. */
  readonly trail: readonly PlaceData[];
}

export function diagnosticData(diagnostic: Diagnostic): DiagnosticData {
  const place = diagnostic.origin?.place();
  return {
    code: diagnostic.code,
    message: diagnostic.message,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    hint: diagnostic.hint ?? null,
    related: (diagnostic.related ?? []).map(({ message, origin }) => ({
      message,
      ...placeData(origin.place()),
    })),
    trail: (diagnostic.trail ?? []).map(placeData),
  };
}

function placeData({ file, line, column }: Place): PlaceData {
  return { file, line, column };
}
