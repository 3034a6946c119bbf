/** Follows the symbolic links of a path inside a tree, as chroot(2) would: no link leads out of it. */
import { HostTrouble } from '../core/host.ts';

/** As in the kernel (path_resolution(7)). */
export const mostLinks = 40;

export interface LinkSource {
  /** What the link at a path says; undefined where there is no link. All parents of the path are free of links. */
  link(path: string): string | undefined;
  /** Told of each link on the way; may refuse it by throwing. */
  passing?(path: string): void;
}

/** Splits a path into its names; `..` is kept because it means the parent of where a link led. */
export function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** The same path without empty and `.` parts and without a slash at its end. `..` is left as it is. */
export function tidy(path: string): string {
  if (path.charCodeAt(0) !== 47) throw new HostTrouble(`"${path}" is not an absolute path.`);
  if (/\/(?:\/|\.(?:\/|$)|$)/.test(path)) return `/${namesOf(path).join('/')}`;
  return path;
}

/**
 * The path without links. Parts that do not exist are kept as written. The last part is only followed when
 * `followLast`. Throws HostTrouble after 40 links.
 */
export function followLinks(path: string, source: LinkSource, followLast: boolean): string {
  const names = namesOf(path).reverse();
  let real = '';
  let links = 0;
  while (names.length > 0) {
    const name = names.pop()!;
    if (name === '..') {
      real = real.slice(0, Math.max(0, real.lastIndexOf('/')));
      continue;
    }
    const next = `${real}/${name}`;
    const target = followLast || names.length > 0 ? source.link(next) : undefined;
    if (target === undefined) {
      real = next;
      continue;
    }
    source.passing?.(next);
    links++;
    if (links > mostLinks) throw tooManyLinks(path);
    if (target.startsWith('/')) real = '';
    names.push(...namesOf(target).reverse());
  }
  return real === '' ? '/' : real;
}

export function tooManyLinks(path: string): HostTrouble {
  return new HostTrouble(`${path} cannot be reached: too many symbolic links lead to one another.`);
}
