/** The list of dnf's versionlock plugin: packages that are kept in their version, one pattern a line. */
import type { Package, Reader } from '../../core/host.ts';
import type { Locks } from './_manager.ts';

const settings = '/etc/dnf/plugins/versionlock.conf';

export function readLocks(reader: Reader): Locks {
  const conf = reader.content(settings)?.toString();
  const path = /^\s*locklist\s*=\s*(\/\S+)/m.exec(conf ?? '')?.[1] ?? '/etc/dnf/plugins/versionlock.list';
  const heeded = conf !== undefined && !/^\s*enabled\s*=\s*(0|no|false|off)\s*$/im.test(conf);
  return { path, text: reader.content(path)?.toString() ?? '', heeded };
}

/** `name-epoch:version-release.arch`, of which parts may be left out or be patterns; `!` excludes instead. */
function locks(line: string, name: string): boolean {
  const pattern = line.trim();
  if (pattern === name) return true;
  if (!pattern.startsWith(`${name}-`)) return false;
  return /^(?:(?:\d+|\*):)?[\d*][^-]*(?:-[^-]*)?$/.test(pattern.slice(name.length + 1));
}

export function isLocked(text: string, name: string): boolean {
  return text.split('\n').some((line) => locks(line, name));
}

/** Each package with whether it is locked. */
export function withHolds(
  packages: ReadonlyMap<string, Package>,
  { text, heeded }: Locks,
): ReadonlyMap<string, Package> {
  if (!heeded || text.trim() === '') return packages;
  return new Map(
    [...packages].map(([key, one]) => [key, isLocked(text, one.name) ? { ...one, held: true } : one]),
  );
}

export function withoutLocks(text: string, names: readonly string[]): string {
  const lines = text.split('\n');
  const kept = lines.filter((line, index) => {
    // The plugin writes the date above what it adds.
    const about = line.startsWith('# Added lock on ') ? (lines[index + 1] ?? '') : line;
    return !names.some((name) => locks(about, name));
  });
  return kept.join('\n');
}

/** `versions`: name → `[epoch:]version-release`. */
export function withLocks(text: string, versions: readonly (readonly [string, string])[]): string {
  const lines = versions.map(([name, version]) => {
    const full = /^\d+:/.test(version) ? version : `0:${version}`;
    return `${name}-${full}.*\n`;
  });
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('')}`;
}
