/** Paths that a git state names: of work trees, of keys, of configuration files. */
import { HostTrouble, type Reader } from '../../core/host.ts';

/** Absolute, without doubled or trailing slashes; `~` is a home. Throws HostTrouble where it is no such path. */
export function pathOf(name: string, reader: Reader): string {
  const [, who, rest] = /^~([^/]*)(.*)$/s.exec(name) ?? [];
  const home = who === undefined ? '' : reader.user(who === '' ? reader.self.uid : who)?.home;
  const path = rest === undefined ? name : `${home ?? ''}${rest}`;
  if (home === undefined || !path.startsWith('/') || path.includes('\0')) {
    throw new HostTrouble(`"${name}" is not an absolute path.`, 'Write the path from the root: /srv/….');
  }
  const tidy = path.replace(/\/{2,}/g, '/');
  return tidy.length > 1 ? tidy.replace(/\/$/, '') : tidy;
}
