/** Packages in the cache of the package manager, by the names of their files. */
import type { FileEffect, Reader } from '../../core/host.ts';

export interface Cached {
  readonly name: string;
  /** Of an .rpm without epoch. */
  readonly version: string;
  /** `*` where any is meant. */
  readonly arch: string;
}

const archives = '/var/cache/apt/archives';
const caches = '/var/cache/dnf';

export function cachedPackages(program: 'apt' | 'dnf', reader: Reader): Cached[] {
  if (program === 'apt') return (reader.list(archives) ?? []).flatMap((file) => readDebName(file) ?? []);
  return (reader.list(caches) ?? []).flatMap((repository) =>
    (reader.list(`${caches}/${repository}/packages`) ?? []).flatMap((file) => readRpmName(file) ?? []),
  );
}

/** `name_1%3a2.0-1_amd64.deb` */
function readDebName(file: string): Cached | undefined {
  const [, name, version, arch] = /^([^_]+)_([^_]+)_([^_]+)\.deb$/.exec(file) ?? [];
  if (name === undefined) return undefined;
  return { name, version: version!.replaceAll('%3a', ':'), arch: arch === 'all' ? '*' : arch! };
}

/** `name-2.0-1.x86_64.rpm` */
function readRpmName(file: string): Cached | undefined {
  const [, name, version, arch] = /^(.+)-([^-]+-[^-]+)\.([^.-]+)\.rpm$/.exec(file) ?? [];
  if (name === undefined) return undefined;
  return { name, version: version!, arch: arch === 'noarch' ? '*' : arch! };
}

/** What a download leaves in the cache, as far as `cachedPackages` goes by it. */
export function filesOf(program: 'apt' | 'dnf', name: string, version: string): FileEffect[] {
  const content = Buffer.alloc(0);
  if (program === 'apt') {
    const path = `${archives}/${name}_${version.replaceAll(':', '%3a')}_all.deb`;
    return [{ kind: 'write', path, content }];
  }
  const folder = `${caches}/downloaded/packages`;
  const full = version.includes('-') ? version.replace(/^\d+:/, '') : `${version}-0`;
  return [
    { kind: 'directory', path: `${caches}/downloaded` },
    { kind: 'directory', path: folder },
    { kind: 'write', path: `${folder}/${name}-${full}.noarch.rpm`, content },
  ];
}
