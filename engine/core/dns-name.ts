/** Domain names: as people write them, in the one spelling by which they are compared, and as bytes of a message. */

/** RFC 1035, 2.3.4. */
const longestLabel = 63;
const longestName = 255;

/**
 * A name as a user may write it, in lower case and without the final dot; undefined for what is none. Letters, digits,
 * `-`, `_` and `/` (RFC 2317), and `*` as first label.
 */
export function domainName(text: string): string | undefined {
  const name = text.trim().replace(/\.$/, '').toLowerCase();
  const labels = name.split('.');
  if (labels[0] === '*' && labels.length > 1) labels.shift();
  if (!labels.every((label) => /^[a-z0-9_/-]+$/.test(label))) return undefined;
  return packName(name) === undefined ? undefined : name;
}

/** Whether a name is that of the zone or below it; both in the spelling of `domainName`. */
export function isWithin(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`);
}

/** Names without odd characters, which nearly all are, need not be taken apart. */
const plain = /^[a-z0-9_*/-]{1,63}(?:\.[a-z0-9_*/-]{1,63})*$/;

/** Any name, such as one that others put into a zone; `\.` and `\DDD` stand for odd characters (RFC 1035, 5.1). */
export function canonicalName(text: string): string | undefined {
  const lower = text.replace(/\.$/, '').toLowerCase();
  if (lower.length <= longestName - 2 && plain.test(lower)) return lower;
  const labels = labelsOf(text);
  if (labels === undefined || packLabels(labels) === undefined) return undefined;
  return nameOf(labels).toLowerCase();
}

/** Uncompressed. Undefined for what is no name. */
export function packName(text: string): Buffer | undefined {
  const labels = labelsOf(text);
  return labels && packLabels(labels);
}

function packLabels(labels: readonly Buffer[]): Buffer | undefined {
  if (labels.some(({ length }) => length === 0 || length > longestLabel)) return undefined;
  const packed = Buffer.concat([
    ...labels.flatMap((label) => [Buffer.of(label.length), label]),
    Buffer.of(0),
  ]);
  return packed.length > longestName ? undefined : packed;
}

function labelsOf(text: string): Buffer[] | undefined {
  const name = text === '.' ? '' : text.replace(/(?<!\\)((?:\\\\)*)\.$/, '$1');
  if (name === '') return text === '.' ? [] : undefined;
  if (!name.includes('\\')) return name.split('.').map((label) => Buffer.from(label));
  const labels: number[][] = [[]];
  for (const [token, digits, escaped] of name.matchAll(/\\(\d{3})|\\(.)|./gsu)) {
    if (token === '.') labels.push([]);
    else if (digits !== undefined) labels.at(-1)!.push(Math.min(Number(digits), 255));
    else labels.at(-1)!.push(...Buffer.from(escaped ?? token));
  }
  return labels.map((label) => Buffer.from(label));
}

function nameOf(labels: readonly Buffer[]): string {
  if (labels.length === 0) return '.';
  return labels.map(textOf).join('.');
}

function textOf(label: Buffer): string {
  const text = label.toString('latin1');
  return /^[\w*/-]*$/.test(text) ? text : [...label].map(characterOf).join('');
}

function characterOf(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[\w*/-]/.test(character)) return character;
  return byte > 0x20 && byte < 0x7f ? `\\${character}` : `\\${String(byte).padStart(3, '0')}`;
}

export interface Unpacked<T> {
  readonly value: T;
  /** Offset of what follows. */
  readonly next: number;
}

/** RFC 1035, 4.1.4: a pointer leads to an earlier place, so it cannot lead in circles. Throws RangeError if malformed. */
export function unpackName(message: Buffer, start: number): Unpacked<string> {
  const labels: Buffer[] = [];
  let next: number | undefined;
  let size = 1;
  for (let at = start, before = start; ; ) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) {
      next ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      if (at >= before) throw new RangeError('a name refers to itself');
      before = at;
      continue;
    }
    if (length > longestLabel) throw new RangeError('a label of an unknown kind');
    if (length === 0) return { value: nameOf(labels), next: next ?? at + 1 };
    size += length + 1;
    if (size > longestName || at + 1 + length > message.length) throw new RangeError('a name is too long');
    labels.push(message.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
}
