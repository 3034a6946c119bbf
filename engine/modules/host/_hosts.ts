/** What the host states share: the lines of /etc/hosts (hosts(5)), and the one write that comes of changing them. */
import { byteLines, readBytes, writeBytes } from '../../core/byte-text.ts';
import type { Reader } from '../../core/host.ts';
import { canonicalAddress } from '../../core/ip-address.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';

export const hostsFile = '/etc/hosts';

/** A line; one that is no entry has no address. Everything between the words is kept as it is written. */
export interface Line {
  readonly before: string;
  readonly address?: string;
  readonly names: readonly string[];
  /** The names as they are written, with the white space between them. */
  readonly written: string;
  /** White space, comment and newline. */
  readonly after: string;
}

export function readHosts(_args: object, reader: Reader): string | undefined {
  return readBytes(hostsFile, reader).text;
}

export function linesOf(text: string): Line[] {
  return byteLines(text).map((line) => {
    const [, lead, word, gap, written, after] =
      /^([ \t]*)([^\s#]+)([ \t]+)([^#\r\n]*?)([ \t]*(?:#[^\n]*)?\r?\n?)$/.exec(line) ?? [];
    const address = word === undefined ? undefined : canonicalAddress(word);
    if (address === undefined || !written) return { before: line, names: [], written: '', after: '' };
    const names = written.split(/[ \t]+/);
    return { before: `${lead}${word}${gap}`, address, names, written, after: after! };
  });
}

export function has(line: Line, name: string): boolean {
  return line.names.some((one) => one.toLowerCase() === name.toLowerCase());
}

export function withName(line: Line, name: string): Line {
  return { ...line, names: [...line.names, name], written: `${line.written} ${name}` };
}

export function withNames(line: Line, names: readonly string[]): Line {
  return { ...line, names, written: names.join(' ') };
}

/** Without the name, or no line at all where it was the only one. */
export function withoutName(line: Line, name: string): Line[] {
  if (!has(line, name)) return [line];
  const names = line.names.filter((one) => one.toLowerCase() !== name.toLowerCase());
  if (names.length === 0) return [];
  // What stands between the names that stay is kept: a name goes with the white space before it, the first with
  // that after it.
  const pieces = line.written.split(/([ \t]+)/);
  const kept: string[] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    if (pieces[at]!.toLowerCase() === name.toLowerCase()) continue;
    if (kept.length > 0) kept.push(pieces[at - 1]!);
    kept.push(pieces[at]!);
  }
  return [{ ...line, names, written: kept.join('') }];
}

export function newLine(address: string, names: readonly string[]): Line {
  return { before: `${address}\t`, address, names, written: names.join(' '), after: '\n' };
}

/** The comment at the end of a line, without its `#`. */
export function commentOf(line: Line): string {
  return /#[ \t]*(.*?)[ \t\r]*\n?$/.exec(line.after)?.[1] ?? '';
}

export function withComment(line: Line, comment: string): Line {
  const end = /\r?\n?$/.exec(line.after)![0];
  return { ...line, after: comment === '' ? end : ` # ${comment}${end}` };
}

/** One write for all addresses whose names differ. */
export function hostsSteps(old: string | undefined, lines: readonly Line[]): Step[] {
  const before = linesOf(old ?? '');
  const changes: Change[] = [];
  const addresses = new Set([...before, ...lines].map(({ address }) => address));
  for (const address of addresses) {
    if (address === undefined) continue;
    const was = namesOf(before, address);
    const is = namesOf(lines, address);
    if (was !== is) changes.push({ subject: address, old: was, new: is });
    const said = commentsOf(before, address);
    const says = commentsOf(lines, address);
    if (is !== undefined && said !== says && says !== '') {
      changes.push({ subject: `comment of ${address}`, old: said, new: says });
    }
  }
  if (changes.length === 0) return [];
  return writeBytes({ path: hostsFile, text: old }, textOf(lines), changes);
}

function textOf(lines: readonly Line[]): string {
  let text = '';
  for (const { before, written, after } of lines) {
    if (text !== '' && !text.endsWith('\n')) text += '\n';
    text += before + written + after;
  }
  return text;
}

function namesOf(lines: readonly Line[], address: string): string | undefined {
  const names = lines.filter((line) => line.address === address).flatMap((line) => line.names);
  return names.length === 0 ? undefined : names.join(' ');
}

function commentsOf(lines: readonly Line[], address: string): string {
  return lines
    .filter((line) => line.address === address)
    .map(commentOf)
    .filter(Boolean)
    .join('; ');
}

/** Addresses in the spelling in which they are compared, or what is wrong with them. */
export function addressesOf(given: string | readonly string[]): string[] | Refusal {
  const addresses: string[] = [];
  for (const one of [given].flat()) {
    const address = canonicalAddress(one.trim());
    if (address === undefined) return { refused: `"${one}" is not an IP address.`, certain: true };
    if (!addresses.includes(address)) addresses.push(address);
  }
  return addresses;
}

export function refuseNames(names: readonly string[]): Refusal | undefined {
  const wrong = names.find((name) => !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name));
  if (wrong === undefined) return undefined;
  return {
    refused: `"${wrong}" is not a host name.`,
    hint: 'Letters, digits, hyphens, underscores and dots; several names go into `names`, `aliases` or `hostnames`.',
    certain: true,
  };
}
