/** Puts single lines of a file of records (passwd(5), group(5), shadow(5)) back as they were. */

/** The file as it is, with the records of these keys as they are in `before`: there or not, and in their old place. */
export function withRecords(now: Buffer, before: Buffer, keys: readonly string[]): Buffer {
  // One character for each byte: other records may be in whatever encoding.
  const old = linesOf(before);
  let lines = linesOf(now);
  for (const key of keys) {
    const was = old.findIndex((line) => keyOf(line) === key);
    const is = lines.findIndex((line) => keyOf(line) === key);
    if (was === -1) lines = lines.filter((_, index) => index !== is);
    else if (is !== -1) lines = lines.with(is, old[was]!);
    else lines = lines.toSpliced(placeFor(was, old, lines), 0, old[was]!);
  }
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}

function keyOf(line: string): string {
  return line.split(':', 1)[0]!;
}

/** Behind the nearest of the records that stood before it. */
function placeFor(was: number, old: readonly string[], lines: readonly string[]): number {
  for (let index = was - 1; index >= 0; index--) {
    const at = lines.findIndex((line) => keyOf(line) === keyOf(old[index]!));
    if (at !== -1) return at + 1;
  }
  return 0;
}
