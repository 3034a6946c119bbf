/** Colours of a terminal (ECMA-48 SGR), or none. */

export type Paint = (text: string) => string;

export interface Palette {
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

function paint(on: number, off: number): Paint {
  return (text) => (text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`);
}

const coloured: Palette = {
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
  dim: paint(2, 22),
  bold: paint(1, 22),
};

function same(text: string): string {
  return text;
}

const plain: Palette = { red: same, green: same, yellow: same, cyan: same, dim: same, bold: same };

export function palette(colour: boolean): Palette {
  return colour ? coloured : plain;
}

export interface Terminal {
  readonly isTTY: boolean;
  readonly env: { readonly [name: string]: string | undefined };
}

/** Whether to colour. NO_COLOR as https://no-color.org has it: set and not empty. */
export function wantsColour(setting: 'auto' | 'always' | 'never', { isTTY, env }: Terminal): boolean {
  if (setting !== 'auto') return setting === 'always';
  return isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** Whether signs outside ASCII can be printed: by the first set of LC_ALL, LC_CTYPE, LANG (locale(7)). */
export function speaksUtf8(env: Terminal['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale);
}
