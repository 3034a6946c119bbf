/** Permission bits: how trees write them and how reports show them. */
import { ArgumentTrouble } from '../../core/host.ts';

/** Schema of an argument that holds permission bits. */
export function modeSchema(description: string) {
  return {
    type: ['string', 'integer', 'null'],
    pattern: '^(keep|(0[oO])?[0-7]{1,5})$',
    description,
  } as const;
}

export type ModeArgument = string | number | null | undefined;

/**
 * The permission bits of a mode argument; undefined where none is given.
 * Salt: a mode is a row of octal digits however YAML reads it, so the number 644 means 0644 in every file state.
 * Throws ArgumentTrouble where it is no mode. `keep` must have been dealt with before.
 */
export function modeOf(mode: ModeArgument, argument = 'mode'): number | undefined {
  if (mode === undefined || mode === null || mode === '') return undefined;
  const digits = typeof mode === 'string' ? mode.replace(/^0?[oO]/, '') : String(mode);
  const bits = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
  if (!(bits <= 0o7777)) {
    throw new ArgumentTrouble(
      `"${mode}" is not a file mode, in ${argument}.`,
      "Write octal digits, such as '0644'.",
    );
  }
  return bits;
}

/** Permission bits as four octal digits: 0644. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Salt: directories made for a file (`makedirs`) get its mode, with search permission wherever it permits anything. */
export function searchable(mode: number): number {
  let bits = mode & 0o777;
  for (const shift of [0, 3, 6]) if ((bits >> shift) & 7) bits |= 1 << shift;
  return bits;
}
