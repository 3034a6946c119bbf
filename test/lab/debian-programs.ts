/** Programs and libraries of Debian's packages, for packages of the RPM node: it is a Debian below. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { prepareCache } from './cache.ts';

/** Of the packages whose files begin so; libraries by the names that programs ask for. */
export async function debianPrograms(packages: RegExp): Promise<{ [path: string]: Buffer }> {
  const { repository } = await prepareCache('debian');
  const folder = mkdtempSync(join(tmpdir(), 'converge-debian-'));
  try {
    for (const name of readdirSync(repository))
      if (packages.test(name)) await execa('dpkg-deb', ['-x', join(repository, name), folder]);
    const inside = (place: string) => {
      const at = join(folder, place);
      return existsSync(at) ? readdirSync(at).map((name) => `${place}/${name}`) : [];
    };
    const libraries = inside('usr/lib/x86_64-linux-gnu').filter((path) => /\.so\.\d+$/.test(path));
    const paths = [...inside('usr/sbin'), ...libraries];
    return Object.fromEntries(paths.map((path) => [`/${path}`, readFileSync(join(folder, path))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
