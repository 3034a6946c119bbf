/** The secrets of a pillar file as text, so that everything else in it stays byte for byte as it was. */
import { isArmour } from '../core/secret.ts';

/** A value behind the tag `!secret`. */
export interface SecretValue {
  /** Of the whole value in the text, from the tag to the end of its last line (without the line break). */
  readonly start: number;
  readonly end: number;
  /** Blanks before the lines of a block below it. */
  readonly indent: string;
  /** The armoured block, or the plain text. */
  readonly value: string;
  readonly encrypted: boolean;
  /** From 1. */
  readonly line: number;
}

/**
 * Finds them without parsing the file, which may be a template. A value is one of
 * `!secret |` with the indented lines below it, `!secret 'quoted'`, `!secret "quoted"`, or `!secret plain`.
 */
export function secretsIn(text: string): SecretValue[] {
  const found: SecretValue[] = [];
  const lines = text.split('\n');
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const tag = /^([^#'"]*(?:[:-] +|^ *))(!secret)(?: +(.*))?$/.exec(line);
    if (tag) {
      const start = offset + tag[1]!.length;
      const written = tag[3]?.trim() ?? '';
      const block = /^[|>]([-+]?)$/.exec(written);
      const one = block
        ? blockBelow(lines, index, block[1] !== '')
        : { value: scalar(written), end: line.length, indent: `${/^ */.exec(line)![0]}  ` };
      found.push({
        start,
        end: offset + one.end,
        indent: one.indent,
        value: one.value,
        encrypted: isArmour(one.value),
        line: index + 1,
      });
    }
    offset += line.length + 1;
  }
  return found;
}

/** The lines that are indented further than the one with the tag. `end` counts from the start of that line. */
function blockBelow(
  lines: readonly string[],
  index: number,
  stripped: boolean,
): { value: string; end: number; indent: string } {
  const outer = /^ *(?:- +)*/.exec(lines[index]!)![0].length;
  let last = index;
  let indent = '';
  for (let at = index + 1; at < lines.length; at++) {
    const line = lines[at]!;
    const blanks = /^ */.exec(line)![0];
    if (line.trim() === '') continue;
    if (indent === '' && blanks.length <= /^ */.exec(lines[index]!)![0].length) break;
    if (indent === '') indent = blanks;
    if (blanks.length < indent.length) break;
    last = at;
  }
  const body = lines.slice(index + 1, last + 1).map((line) => line.slice(indent.length));
  const end = lines.slice(index, last + 1).join('\n').length;
  const value = body.join('\n') + (stripped || body.length === 0 ? '' : '\n');
  return { value, end, indent: indent || ' '.repeat(outer + 2) };
}

/** YAML 1.2.2, 7.3: flow scalars. Escapes in double quotes are those that JSON has, too. */
function scalar(written: string): string {
  if (written.startsWith("'") && written.endsWith("'") && written.length > 1)
    return written.slice(1, -1).replaceAll("''", "'");
  if (written.startsWith('"')) {
    try {
      return String(JSON.parse(written));
    } catch {
      return written;
    }
  }
  return written.replace(/ +#.*$/, '');
}

/** The text with each secret replaced by what `change` makes of it; undefined leaves it alone. */
export async function changeSecrets(
  text: string,
  change: (secret: SecretValue, index: number) => Promise<string | undefined>,
): Promise<string> {
  let changed = '';
  let at = 0;
  for (const [index, secret] of secretsIn(text).entries()) {
    const replacement = await change(secret, index);
    if (replacement === undefined) continue;
    changed += text.slice(at, secret.start) + replacement;
    at = secret.end;
  }
  return changed + text.slice(at);
}

/** `!secret |` with an armoured block below it. */
export function blockOf(armour: string, indent: string): string {
  return `!secret |\n${armour.trim().replace(/^/gm, indent)}`;
}

/** A plain text as it is shown for editing: on one line where it is one. */
export function plainOf(value: string, indent: string): string {
  if (!value.includes('\n')) return `!secret ${JSON.stringify(value)}`;
  const lines = value.replace(/\n$/, '').split('\n');
  // A block cannot begin with a blank, nor keep blanks at its end: then it goes on one line all the same.
  if (/^\s|\n\n$|\r/.test(value)) return `!secret ${JSON.stringify(value)}`;
  const body = lines.map((line) => (line === '' ? '' : indent + line)).join('\n');
  return `!secret ${value.endsWith('\n') ? '|' : '|-'}\n${body}`;
}
