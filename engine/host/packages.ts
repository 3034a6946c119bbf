/** Installed packages, read from dpkg's own list in one go or asked of rpm, and what apt or dnf could install. */
import { type Command, HostTrouble, type Package } from '../core/host.ts';
import type { PackageManager } from '../core/package-manager.ts';
import type { Runner } from './command.ts';
import type { Files } from './files.ts';

export interface Packages {
  installed(): ReadonlyMap<string, Package> | Promise<ReadonlyMap<string, Package>>;
  candidates(names: readonly string[]): Promise<ReadonlyMap<string, string | undefined>>;
  expect(names: readonly string[]): void;
  forget(): void;
}

export function createPackages(
  files: Files,
  runner: Runner,
  manager: () => PackageManager | undefined,
): Packages {
  let installed: ReadonlyMap<string, Package> | undefined;
  const expected = new Set<string>();
  const known = new Map<string, string | undefined>();

  async function fromRpm(): Promise<ReadonlyMap<string, Package>> {
    const outcome = await runner.run(rpmList);
    if (outcome.status === 127) {
      throw new HostTrouble('Packages cannot be listed: there is neither dpkg nor rpm here.');
    }
    if (outcome.status !== 0)
      throw new HostTrouble(
        `rpm cannot list the packages: ${outcome.stderr.trim()}.`,
        'Where its database is damaged, `rpm --rebuilddb` may help.',
      );
    installed = parseRpm(outcome.stdout, severalAtOnce());
    return installed;
  }

  /** Packages of which dnf keeps several versions (dnf.conf(5): installonlypkgs). */
  function severalAtOnce(): (name: string) => boolean {
    const conf = files.content('/etc/dnf/dnf.conf')?.toString() ?? '';
    const line = /^\s*installonlypkgs\s*[=:](.*(?:\n[ \t].*)*)/m.exec(conf)?.[1] ?? '';
    const more = new Set(line.split(/[\s,]+/));
    return (name) => /^(kernel|kmod-|installonly)/.test(name) || more.has(name);
  }

  /** What dpkg did since it last wrote its list is in a journal beside it, also where it was interrupted. */
  function fromDpkg(): ReadonlyMap<string, Package> | undefined {
    const status = files.content('/var/lib/dpkg/status');
    if (status === undefined || (status.length === 0 && files.stat('/var/lib/rpm'))) return undefined;
    const updates = (files.list('/var/lib/dpkg/updates') ?? []).filter((name) => /^\d+$/.test(name));
    const journal = updates.map((name) => files.content(`/var/lib/dpkg/updates/${name}`)?.toString() ?? '');
    return parseDpkg(status.toString(), journal.join('\n\n'));
  }

  async function offered(names: readonly string[]): Promise<Map<string, string | undefined>> {
    const dnf = manager() === 'dnf';
    const outcome = await runner.run(dnf ? repoquery(names) : policy(names));
    if (outcome.status !== 0) {
      // Without lists nothing is known to be on offer.
      if (dnf && /no cache for/.test(outcome.stderr)) return new Map();
      throw new HostTrouble(`${dnf ? 'dnf' : 'apt'} cannot say what is available: ${outcome.stderr.trim()}.`);
    }
    return dnf ? parseRepoquery(outcome.stdout, names) : parsePolicy(outcome.stdout, names);
  }

  return {
    installed() {
      if (installed !== undefined) return installed;
      installed = manager() === 'dnf' ? undefined : fromDpkg();
      return installed ?? fromRpm();
    },
    async candidates(names) {
      if (names.some((name) => !known.has(name))) {
        const all = [...new Set([...expected, ...names])].filter((name) => !known.has(name));
        const sound = all.filter((name) => /^[a-z0-9][a-z0-9+.:_-]*$/i.test(name));
        const found = sound.length > 0 ? await offered(sound) : new Map<string, string>();
        for (const name of all) known.set(name, found.get(name));
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

const rpmList: Command = {
  argv: ['rpm', '-qa', '--qf', '%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{INSTALLTIME}\\n'],
};

function policy(names: readonly string[]): Command {
  return { argv: ['apt-cache', 'policy', ...names], env: { LC_ALL: 'C' } };
}

/** From the lists at hand: fetching them is up to a state. */
function repoquery(names: readonly string[]): Command {
  const format = '%{name}\\t%{epoch}\\t%{version}-%{release}\\t%{arch}\\n';
  const options = ['-q', '-C', 'repoquery', '--latest-limit=1', '--qf', format];
  return { argv: ['dnf', ...options, '--', ...names], env: { LC_ALL: 'C.UTF-8' } };
}

/**
 * /var/lib/dpkg/status (deb-control(5), dpkg(1)): `Status: want eflag state`. Where a package is there for
 * several architectures, that of the machine (dpkg's own) is found by its name, the others as `name:arch`.
 */
export function parseDpkg(text: string, journal = ''): ReadonlyMap<string, Package> {
  const packages = new Map<string, Package>();
  const native = /^Package: dpkg\n(?:[^\n]+\n)*?Architecture: (\S+)/m.exec(text)?.[1];
  for (const stanza of latest(text, journal)) {
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
      ...((flag === 'reinstreq' || state === 'half-installed') && { incomplete: true as const }),
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

/** One stanza of each package and architecture: those of the journal count. */
function latest(text: string, journal: string): Iterable<string> {
  const stanzas = text.split('\n\n');
  if (journal.trim() === '') return stanzas;
  const all = new Map<string, string>();
  for (const stanza of [...stanzas, ...journal.split(/\n{2,}/)]) {
    const [name, arch] = ['Package', 'Architecture'].map(
      (field) => new RegExp(`^${field}: (\\S+)`, 'm').exec(stanza)?.[1],
    );
    all.set(`${name}:${arch}`, stanza);
  }
  return all.values();
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

/**
 * What was installed last is found by its name; of another architecture, as `name.arch`. Two versions of a package that
 * only one can be there of are what an interrupted upgrade leaves.
 */
export function parseRpm(
  text: string,
  severalAtOnce: (name: string) => boolean = () => false,
): ReadonlyMap<string, Package> {
  const groups = new Map<string, RpmLine[]>();
  for (const line of text.split('\n')) {
    const [name, epoch, version, arch = '', time = '0'] = line.split('\t');
    if (!name || !version || name === 'gpg-pubkey') continue;
    const one = { name, version: withEpoch(epoch, version), arch, time: Number(time) };
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  const native = groups.get('rpm')?.[0]?.arch;
  const packages = new Map<string, Package>();
  for (const [name, lines] of groups) {
    const sorted = lines.sort(
      (a, b) => Number(b.arch === native) - Number(a.arch === native) || b.time - a.time,
    );
    for (const { version, arch } of sorted) {
      const key = !packages.has(name) || packages.get(name)!.arch === arch ? name : `${name}.${arch}`;
      const newer = packages.get(key);
      const one: Package = { name, version, arch, state: 'installed', held: false };
      const beside = [...(newer?.beside ?? []), version];
      if (newer === undefined) packages.set(key, one);
      else packages.set(key, severalAtOnce(name) ? { ...newer, beside } : { ...newer, state: 'broken' });
    }
  }
  return packages;
}

interface RpmLine {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** Of its installation. */
  readonly time: number;
}

function withEpoch(epoch: string | undefined, version: string): string {
  return epoch && epoch !== '0' ? `${epoch}:${version}` : version;
}

/** Names as asked for, with or without architecture; the first line of a name counts. */
export function parseRepoquery(text: string, names: readonly string[]): Map<string, string | undefined> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, epoch, version, arch] = line.split('\t');
    if (!name || !version) continue;
    for (const key of [name, `${name}.${arch}`])
      if (!found.has(key)) found.set(key, withEpoch(epoch, version));
  }
  return new Map(names.map((name) => [name, found.get(name)]));
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
