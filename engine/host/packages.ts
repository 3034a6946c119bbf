/** Installed packages, read from dpkg's own list in one go or asked of rpm, and what apt could install. */
import { HostTrouble, type Package } from '../core/host.ts';
import type { Runner } from './command.ts';
import type { Files } from './files.ts';

export interface Packages {
  installed(): ReadonlyMap<string, Package> | Promise<ReadonlyMap<string, Package>>;
  candidates(names: readonly string[]): Promise<ReadonlyMap<string, string | undefined>>;
  expect(names: readonly string[]): void;
  forget(): void;
}

export function createPackages(files: Files, runner: Runner): Packages {
  let installed: ReadonlyMap<string, Package> | undefined;
  const expected = new Set<string>();
  const known = new Map<string, string | undefined>();

  async function fromRpm(): Promise<ReadonlyMap<string, Package>> {
    const format = '%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\n';
    const outcome = await runner.run({ argv: ['rpm', '-qa', '--qf', format] });
    if (outcome.status === 127) {
      throw new HostTrouble('Packages cannot be listed: there is neither dpkg nor rpm here.');
    }
    if (outcome.status !== 0)
      throw new HostTrouble(`rpm cannot list the packages: ${outcome.stderr.trim()}.`);
    installed = parseRpm(outcome.stdout);
    return installed;
  }
  return {
    installed() {
      if (installed !== undefined) return installed;
      const status = files.content('/var/lib/dpkg/status');
      if (status === undefined || (status.length === 0 && files.stat('/var/lib/rpm'))) return fromRpm();
      installed = parseDpkg(status.toString());
      return installed;
    },
    async candidates(names) {
      if (names.some((name) => !known.has(name))) {
        const all = [...new Set([...expected, ...names])].filter((name) => !known.has(name));
        const sound = all.filter((name) => /^[a-z0-9][a-z0-9+.:_-]*$/i.test(name));
        for (const name of all) known.set(name, undefined);
        if (sound.length > 0) {
          const outcome = await runner.run({ argv: ['apt-cache', 'policy', ...sound], env: { LC_ALL: 'C' } });
          if (outcome.status !== 0) {
            for (const name of all) known.delete(name);
            throw new HostTrouble(`apt cannot say what is available: ${outcome.stderr.trim()}.`);
          }
          for (const [name, version] of parsePolicy(outcome.stdout, sound)) known.set(name, version);
        }
      }
      return new Map(names.map((name) => [name, known.get(name)]));
    },
    expect(names) {
      for (const name of names) expected.add(name);
    },
    forget() {
      installed = undefined;
      known.clear();
    },
  };
}

/**
 * /var/lib/dpkg/status (deb-control(5), dpkg(1)): `Status: want eflag state`. Where a package is there for
 * several architectures, that of the machine (dpkg's own) is found by its name, the others as `name:arch`.
 */
export function parseDpkg(text: string): ReadonlyMap<string, Package> {
  const packages = new Map<string, Package>();
  const native = /^Package: dpkg\n(?:[^\n]+\n)*?Architecture: (\S+)/m.exec(text)?.[1];
  for (const stanza of text.split('\n\n')) {
    const status = /^Status: (\S+) (\S+) (\S+)/m.exec(stanza);
    const name = /^Package: (\S+)/m.exec(stanza)?.[1];
    if (status === null || name === undefined) continue;
    const [, want, flag, state] = status;
    if (state === 'not-installed') continue;
    const entry: Package = {
      name,
      version: /^Version: (\S+)/m.exec(stanza)?.[1] ?? '',
      arch: /^Architecture: (\S+)/m.exec(stanza)?.[1] ?? '',
      state: stateOf(flag!, state!),
      held: want === 'hold',
      ...providesOf(stanza),
    };
    const other = packages.get(name);
    const first = other === undefined || (entry.arch === native && other.arch !== native);
    if (other !== undefined)
      packages.set(first ? `${name}:${other.arch}` : `${name}:${entry.arch}`, first ? other : entry);
    if (first) packages.set(name, entry);
  }
  return packages;
}

/** "Provides: a, b (= 1), c:any" */
function providesOf(stanza: string): { provides?: readonly string[] } {
  const line = /^Provides: (.+)$/m.exec(stanza)?.[1];
  if (line === undefined) return {};
  return { provides: line.split(',').map((one) => one.trim().replace(/[ :(].*$/, '')) };
}

/** `triggers-*` only wait for another package's script; the package itself works. */
function stateOf(flag: string, state: string): Package['state'] {
  if (state === 'config-files') return 'config';
  if (flag === 'ok' && /^(installed|triggers-pending|triggers-awaited)$/.test(state)) return 'installed';
  return 'broken';
}

export function parseRpm(text: string): ReadonlyMap<string, Package> {
  const packages = new Map<string, Package>();
  for (const line of text.split('\n')) {
    const [name, epoch, version, arch] = line.split('\t');
    if (!name || !version || name === 'gpg-pubkey') continue;
    const full = epoch && epoch !== '0' ? `${epoch}:${version}` : version;
    const entry: Package = { name, version: full, arch: arch ?? '', state: 'installed', held: false };
    packages.set(packages.has(name) ? `${name}.${arch}` : name, entry);
  }
  return packages;
}

/** `apt-cache policy`: a name at the margin, "Candidate:" below it; "(none)" for virtual packages. */
export function parsePolicy(text: string, names: readonly string[]): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (const block of text.split(/^(?=\S)/m)) {
    const name = /^(\S+):\n/.exec(block)?.[1];
    const candidate = /^ {2}Candidate: (\S+)/m.exec(block)?.[1];
    if (name !== undefined) found.set(name, candidate === '(none)' ? undefined : candidate);
  }
  return new Map(names.map((name) => [name, found.get(name) ?? found.get(name.replace(/:[^:]+$/, ''))]));
}
