/** The time zones a node knows, and which of them a misspelt name might mean. */
import type { Reader } from '../../core/host.ts';
import { join } from '../../core/path.ts';

export const folder = '/usr/share/zoneinfo';

/** tzfile(5). */
export function isZone(name: string, reader: Reader): boolean {
  const path = join(folder, name);
  if (reader.stat(reader.resolve(path))?.kind !== 'file') return false;
  return reader.content(path)?.subarray(0, 4).toString('latin1') === 'TZif';
}

/** What a name can be, and no more: it becomes a path. */
export function isName(name: string): boolean {
  return /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name);
}

/** At most three names that are like a wrong one. */
export function similarZones(name: string, reader: Reader): string[] {
  const plain = (text: string) => text.toLowerCase().replaceAll(' ', '_');
  const wanted = plain(name);
  const place = wanted.slice(wanted.lastIndexOf('/') + 1);
  const scored = zonesBelow('', reader).map((zone) => {
    const own = plain(zone);
    const score =
      own === wanted ? 0 : own.slice(own.lastIndexOf('/') + 1) === place ? 1 : 1 + distance(own, wanted, 3);
    return { zone, score };
  });
  return scored
    .filter(({ score }) => score <= 3)
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ zone }) => zone);
}

/** `posix` and `right` hold all zones once more. */
function zonesBelow(prefix: string, reader: Reader): string[] {
  const names = reader.list(join(folder, prefix)) ?? [];
  return names.flatMap((name) => {
    const zone = prefix === '' ? name : `${prefix}/${name}`;
    if (['posix', 'right', 'posixrules', 'localtime'].includes(zone) || !isName(zone)) return [];
    const kind = reader.stat(join(folder, zone))?.kind;
    return kind === 'directory' ? zonesBelow(zone, reader) : /^[A-Z]/.test(name) ? [zone] : [];
  });
}

/** Letters that differ (Levenshtein), or `most` where they are more than that. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most;
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same));
    }
    above = row;
  }
  return Math.min(most, above[b.length]!);
}
