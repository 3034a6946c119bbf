/** Files that others write too: as text without losing a byte, and back. */
import { isUtf8 } from 'node:buffer';
import type { Reader } from '../../core/host.ts';

export interface TextFile {
  readonly path: string;
  readonly text: string;
  /** Not every comment is UTF-8. */
  readonly encoding: 'utf8' | 'latin1';
}

export function textFile(path: string, reader: Reader): TextFile | undefined {
  // Folders and the like are passed over, as apt and dnf do.
  if (reader.stat(reader.resolve(path))?.kind !== 'file') return undefined;
  const content = reader.content(path);
  if (content === undefined) return undefined;
  const encoding = isUtf8(content) ? 'utf8' : 'latin1';
  return { path, text: content.toString(encoding).replaceAll('\r\n', '\n'), encoding };
}

export function newFile(path: string): TextFile {
  return { path, text: '', encoding: 'utf8' };
}
