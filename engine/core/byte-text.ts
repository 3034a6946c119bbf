/** Files that are edited by lines without touching a byte of the others: their text is latin1, one character a byte. */
import type { Reader, WriteEffect } from './host.ts';
import type { Change, Step } from './state.ts';

export interface ByteText {
  readonly path: string;
  /** Undefined where there is no such file. */
  readonly text: string | undefined;
}

export function readBytes(path: string, reader: Pick<Reader, 'content'>): ByteText {
  return { path, text: reader.content(path)?.toString('latin1') };
}

/** Text of the user's as it stands in such a file. */
export function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** As it is shown to the user. */
export function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}

/** One write for all changes; none where the text is that already. */
export function writeBytes(
  { path, text: old }: ByteText,
  text: string,
  changes: readonly Change[],
  options: Pick<WriteEffect, 'mode' | 'follow'> = {},
): Step[] {
  if (text === old) return [];
  const fresh = old === undefined ? { mode: 0o644, ...options } : { follow: true, ...options };
  const [change, ...also] = changes;
  const effect = { kind: 'write', path, content: Buffer.from(text, 'latin1'), ...fresh } as const;
  return [{ change, ...(also.length > 0 && { also }), effect }];
}

/** Lines with their newlines; only \n ends one. */
export function byteLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** The text with a line of its own at its end. */
export function withLine(text: string, line: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}
