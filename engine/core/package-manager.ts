/** Which package manager a host has: decided here for what is read of packages and for what changes them. */
import type { Reader } from './host.ts';

export type PackageManager = 'apt' | 'dnf';

const ofFamily = new Map<unknown, PackageManager>([
  ['Debian', 'apt'],
  ['RedHat', 'dnf'],
]);

/** By the grain `os_family`; of other families, by what is there. Undefined where it is none of the two. */
export function packageManager({ grain, stat }: Pick<Reader, 'grain' | 'stat'>): PackageManager | undefined {
  const known = ofFamily.get(grain('os_family'));
  if (known) return known;
  if (stat('/usr/bin/apt-get')) return 'apt';
  return stat('/usr/bin/dnf') ? 'dnf' : undefined;
}
