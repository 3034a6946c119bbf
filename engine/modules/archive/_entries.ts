/** An entry of an archive as it is written there, and why an archive cannot be read. */

/** Nothing is believed yet: names may be absolute, links may lead anywhere. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'hardlink' | 'device';
  /** Permission bits, setuid and the like included. */
  readonly mode: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  readonly content?: Buffer;
  /** Of links: where it leads; of hard links: the name of the other entry. */
  readonly target?: string;
}

/** The bytes are no archive of that kind, or one that is not supported. The message completes "The archive …". */
export class Unreadable extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Bytes that the members of an archive may come to: all of them are held in memory once. */
export const mostBytes = 2 ** 31;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws Unreadable for a name that no path of ours could be. */
export function nameOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Unreadable('holds a name that is not UTF-8.');
  }
}
