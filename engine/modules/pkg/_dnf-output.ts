/** What dnf prints: versions on offer, what would be or was changed, who is to blame. */
import type { Outcome, Package } from '../../core/host.ts';
import type { Change } from '../../core/state.ts';
import { type Complaint, firstOf } from './_complaint.ts';
import type { Versions } from './_manager.ts';
import { compareRpmVersions } from './_rpm-version.ts';

/** Name (with and without architecture) → versions on offer, newest first. */
export function readOffers(output: string): Map<string, string[]> {
  const offered = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [name, epoch, release, arch] = line.split('\t');
    if (!name || !release) continue;
    const version = epoch === '0' ? release : `${epoch}:${release}`;
    for (const key of [name, `${name}.${arch}`]) {
      const versions = offered.get(key) ?? [];
      if (!versions.includes(version)) versions.push(version);
      offered.set(key, versions);
    }
  }
  for (const versions of offered.values()) versions.sort((a, b) => compareRpmVersions(b, a));
  return offered;
}

const section =
  /^(Installing|Upgrading|Downgrading|Reinstalling|Removing)( dependencies| weak dependencies| dependent packages| unused dependencies| group\/module packages)?:$/;

/** The table of a transaction that was not confirmed: name, architecture, version, repository, size. */
export function readSimulation(
  { stdout, stderr }: Outcome,
  packages: ReadonlyMap<string, Package>,
): Change[] | undefined {
  if (/^Nothing to do\.$/m.test(stdout)) return [];
  if (!/^Operation aborted\.$/m.test(stderr)) return undefined;
  const changes: Change[] = [];
  let verb: string | undefined;
  let words: string[] = [];
  const old = (name: string) => packages.get(name)?.version ?? '';
  for (const line of stdout.split('\n')) {
    if (/^Transaction Summary/.test(line)) break;
    const begins = section.exec(line);
    if (begins || !line.startsWith(' ')) {
      verb = begins?.[1];
      words = [];
      continue;
    }
    const replaced = /^ +replacing +(\S+)\.\S+ (\S+)/.exec(line);
    if (replaced) changes.push({ subject: replaced[1]!, old: replaced[2], new: '' });
    if (verb === undefined || replaced) continue;
    // A name that is too long has a line of its own.
    words.push(...line.trim().split(/\s+/));
    if (words.length < 5) continue;
    const [name, arch, version] = words as [string, string, string];
    words = [];
    const known = packages.get(`${name}.${arch}`);
    const subject = known ? `${name}.${arch}` : name;
    changes.push({ subject, old: old(subject), new: verb === 'Removing' ? '' : version });
  }
  return changes;
}

/** `name-[epoch:]version-release.arch` */
function nevra(text: string): { name: string; version: string } | undefined {
  const [, name, version] = /^(.+)-((?:\d+:)?[^-]+-[^-]+)\.[^.-]+$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, version: version! };
}

/** The lists at the end of a run, and what went away for it. */
export function readChanges(output: string): Versions {
  const changes: { [name: string]: { old: string; new: string } } = {};
  const old = new Map<string, string>();
  let verb: string | undefined;
  for (const line of output.split('\n')) {
    const left = /^ +(?:Cleanup|Erasing|Obsoleting) +: +(\S+)/.exec(line)?.[1];
    const gone = left === undefined ? undefined : nevra(left);
    if (gone) old.set(gone.name, gone.version);
    const begins = /^(Installed|Upgraded|Downgraded|Reinstalled|Removed):$/.exec(line);
    if (begins || !line.startsWith('  ')) {
      verb = begins?.[1];
      continue;
    }
    if (verb === undefined) continue;
    for (const { name, version } of line
      .trim()
      .split(/\s+/)
      .flatMap((word) => nevra(word) ?? [])) {
      if (verb === 'Removed') changes[name] = { old: version, new: '' };
      else changes[name] = { old: verb === 'Installed' ? '' : (old.get(name) ?? ''), new: version };
    }
  }
  return changes;
}

/** Scripts that ran after a package was installed or removed may fail without anything being undone. */
export function notes({ stdout, stderr }: Outcome): string[] {
  return [...stderr.matchAll(/^Error in (\S+) scriptlet in rpm package (\S+)$/gm)].map(([, kind, name]) => {
    const said = new RegExp(`\\n([^\\n]*)\\n[^\\n]*%\\w+\\(${escaped(name!)}-[^)]*\\) scriptlet failed`).exec(
      stdout,
    );
    const words = said && !/^ +[A-Z][a-z]+ .*: /.test(said[1]!) ? `: ${said[1]!.trim()}` : '';
    return `The script %${scripts[kind!] ?? kind!.toLowerCase()} of ${name} failed${words}.`;
  });
}

/** rpm's names of scripts → those of a spec file. */
const scripts: { readonly [kind: string]: string } = {
  PREIN: 'pre',
  POSTIN: 'post',
  PREUN: 'preun',
  POSTUN: 'postun',
  PRETRANS: 'pretrans',
  POSTTRANS: 'posttrans',
};

function escaped(text: string): string {
  return text.replace(/[.+*?^${}()|[\]\\]/g, '\\$&');
}

const complaints: readonly Complaint[] = [
  [
    /^All matches were filtered out by exclude filtering for argument: (.+)$/m,
    ([, word]) => `"${word}" is excluded, by a lock of versionlock or by an exclude of dnf.conf.`,
  ],
  [
    /^Error: Unable to find a match: (.+)$/m,
    ([, words]) => `There is no package "${words!.split(' ').join('", "')}" in the package sources.`,
  ],
  [/^Module or Group '(.+)' is not available/m, ([, name]) => `There is no group "${name}".`],
  [/^Error: Unknown repo: '(.+)'/m, ([, name]) => `There is no repository "${name}".`],
  [
    /^ +- nothing provides (.+) needed by (\S+?) from|^ +- nothing provides (.+) needed by (\S+)/m,
    ([, what, who, what2, who2]) =>
      `${who ?? who2} cannot be installed: it depends on ${what ?? what2}, which nothing provides.`,
  ],
  [
    /^ +- package (\S+) .*conflicts with (\S+) .*provided by (\S+)/m,
    ([, one, , other]) => `${one} cannot be installed beside ${other}.`,
  ],
  [
    /^ +file (\S+) (?:from install of|conflicts between attempted installs of) (\S+) (?:conflicts with file from package|and) (\S+)/m,
    ([, file, one, other]) => `${one} cannot be installed beside ${other}: both bring ${file}.`,
  ],
  [/^\[MIRROR\] \S+: (.*) for (\S+)/m, ([, why, url]) => `${url} could not be fetched: ${why}.`],
  [/^ +(\S+): Cannot download, (.*)$/m, ([, name, why]) => `${name} could not be fetched: ${why}.`],
  [/^ +- (Curl error .*) for (\S+) \[(.*)\]$/m, ([, , url, why]) => `${url} could not be fetched: ${why}.`],
  [
    /^Error: Failed to download metadata for repo '(.+)': (.*)$/m,
    ([, repo, why]) => `The lists of the repository "${repo}" could not be fetched: ${why}.`,
  ],
  [
    /^(?:Package|Public key for) (\S+) is not (signed|installed)/m,
    ([, name, what]) =>
      what === 'signed' ? `${name} is not signed.` : `The key that signed ${name} is not known here.`,
  ],
  [
    /^The GPG keys listed for the "(.+)" repository are already installed.*\n.*Failing package is: (\S+)/m,
    ([, repo, name]) => `${name} is signed by none of the keys that the repository "${repo}" names.`,
  ],
  [
    /^warning: Signature not supported\. Hash algorithm (\S+) not available\.\nProblem opening package (\S+)$/m,
    ([, algorithm, name]) => `${name} is signed by ${algorithm}, which this system does not trust.`,
  ],
  [
    /cannot open Packages database/m,
    () => "rpm's database cannot be read; where it is damaged, `rpm --rebuilddb` may help.",
  ],
  [/^ +- (.+)$/m, ([, problem]) => `${problem}.`],
  [/^Error: (.+)$/m, ([, message]) => `${message!.replace(/\.$/, '')}.`],
];

export function complain(outcome: Outcome): string | undefined {
  const failed = notes(outcome);
  if (failed.length > 0 && /^Error: Transaction failed/m.test(outcome.stderr)) return failed.join(' ');
  return firstOf(complaints, outcome);
}
