/** Hashes of files as users and lists of hashes write them. */
import { baseOf } from './path.ts';

/** Hexadecimal digits of a hash → its name. */
const kinds = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [56, 'sha224'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** `sha256=…`, `sha256:…` or bare digits as `sha256=…`; undefined for anything else. */
export function inlineHash(text: string): string | undefined {
  const match = /^\s*(?:([a-z0-9]+)\s*[=:]\s*)?([0-9a-f]{32,128})\s*$/i.exec(text);
  const name = match && kinds.get(match[2]!.length);
  if (!match || !name || (match[1] && match[1].toLowerCase() !== name)) return undefined;
  return `${name}=${match[2]!.toLowerCase()}`;
}

/**
 * The hash of one file in a list of hashes, in the forms of sha256sum(1), its BSD form, or one bare hash.
 * The longest hash wins where a list holds several of the file. `named`: the name to look for; unless told, the base
 * names of the file at `path` and of its source.
 */
export function pickHash(text: string, url: string, path: string, named?: string | null): string | undefined {
  const names = named ? [named] : [baseOf(path), baseOf(url.replace(/[?#].*$/, ''))];
  let best: string | undefined;
  let bare: string | undefined;
  let entries = 0;
  for (const line of text.split(/\r?\n/)) {
    const digits =
      /(?<![0-9a-z])(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-z])/i.exec(
        line,
      );
    if (!digits) continue;
    entries++;
    const hash = inlineHash(digits[0])!;
    const rest = line.replace(digits[0], ' ');
    const words = rest.split(/[\s()=*]+/).filter((word) => word !== '');
    if (names.some((name) => words.some((word) => word === name || word.endsWith(`/${name}`)))) {
      if (best === undefined || hash.length > best.length) best = hash;
    } else if (words.length === 0) bare = hash;
  }
  return best ?? (entries === 1 && !named ? bare : undefined);
}
