/** What the pkg states need of a package manager, and which one a host has. */
import type { Command, Effect, Outcome, Package, Reader } from '../../core/host.ts';
import { packageManager } from '../../core/package-manager.ts';
import type { Change, Verdict } from '../../core/state.ts';
import { apt } from './_apt.ts';
import { dnf } from './_dnf.ts';
import type { Compare } from './_version.ts';

export interface InstallOptions {
  readonly fromrepo?: string;
  readonly enablerepo?: string | readonly string[];
  readonly disablerepo?: string | readonly string[];
  readonly disableexcludes?: string;
  readonly setopt?: string | readonly string[];
  readonly install_recommends?: boolean;
  readonly force_conf_new?: boolean;
  readonly only_upgrade?: boolean;
  readonly skip_verify?: boolean;
  /** Change packages that are held too. */
  readonly update_holds?: boolean;
  readonly downgrade?: boolean;
}

export interface UpgradeOptions extends InstallOptions {
  readonly dist?: boolean;
  readonly security?: boolean;
}

/** What a command is told to install: a name, a name with a version, or a file; `again` where it is there already. */
export interface Word {
  readonly text: string;
  readonly again: boolean;
}

/** Which packages are kept in their version, where the package manager itself does not say so: a file's text. */
export interface Locks {
  readonly path: string;
  readonly text: string;
  /** Whether anything heeds that file. */
  readonly heeded: boolean;
}

export interface Holding {
  readonly verb: 'hold' | 'unhold';
  /** Name → the version it has by then; undefined where that is known only then. */
  readonly packages: ReadonlyMap<string, string | undefined>;
  readonly locks: Locks | undefined;
}

export type Versions = { readonly [name: string]: { readonly old: string; readonly new: string } };

/** Commands as argument lists, and what their output says. */
export interface Manager {
  readonly program: 'apt' | 'dnf';
  readonly compare: Compare;
  /** Anything else would mean something to it: an option, a file, a pattern, another verb. */
  isName(name: string): boolean;
  /** The name without architecture, and the architecture. */
  split(name: string): readonly [string, string | undefined];
  word(name: string, version: string): string;
  install(words: readonly Word[], options: InstallOptions): readonly Command[];
  /** Only fetches, into its cache. */
  download(words: readonly Word[], options: InstallOptions): readonly Command[];
  remove(names: readonly string[], options: { readonly purge: boolean }): Command;
  /** Of everything, or of these. */
  upgrade(options: UpgradeOptions, names?: readonly string[]): Command;
  readonly refresh: Command;
  /** Folders whose age is that of the lists, newest counting; none: there are no lists. */
  listFiles(reader: Reader): readonly string[];
  /** Lists versions on offer. */
  offers(names: readonly string[], options: InstallOptions): Command;
  /** Name → versions on offer, newest first. */
  readOffers(output: string): Map<string, string[]>;
  /** The same command as a look: says what it would do, waits for nobody and changes nothing. */
  simulated(command: Command): Command;
  /** What a simulation would change; undefined where it could not tell. */
  readSimulation(outcome: Outcome, packages: ReadonlyMap<string, Package>): Change[] | undefined;
  /** What a real run changed. */
  readChanges(output: string): Versions;
  /** Who or what is to blame, from what it prints when it gives up. */
  complain(outcome: Outcome): string | undefined;
  /** What went wrong though the command as a whole did not. */
  notes(outcome: Outcome): readonly string[];
  /** Undefined where each package says itself whether it is held. */
  locks(reader: Reader): Locks | undefined;
  holding(holding: Holding): readonly Effect[];
  /** Finishes what was interrupted; the files of some packages have to be unpacked again. */
  repair(incomplete: readonly string[]): readonly Effect[];
}

/** Undefined where there is none that is known here. */
export function managerOf(reader: Reader): Manager | undefined {
  const program = packageManager(reader);
  return program && { apt, dnf }[program];
}

/** Reads the outcome of any command of a package manager for the report: the real versions, or who is to blame. */
export function judge(_args: unknown, outcome: Outcome): Verdict {
  const changes = { ...apt.readChanges(outcome.stdout), ...dnf.readChanges(outcome.stdout) };
  if (outcome.status !== 0) return { failed: true, comment: explain(outcome), changes };
  const told = Object.entries(changes).map(([name, { old, new: version }]) => {
    if (version === '') return `${name} removed`;
    if (old === version) return `${name} ${version} installed again`;
    return `${name} ${version} installed${old === '' ? '' : ` over ${old}`}`;
  });
  const sentences = [...(told.length > 0 ? [`${told.join(', ')}.`] : []), ...dnf.notes(outcome)];
  return { changes, ...(sentences.length > 0 && { comment: sentences.join(' ') }) };
}

export function explain(outcome: Outcome): string {
  return (
    apt.complain(outcome) ??
    dnf.complain(outcome) ??
    `The package manager ended with status ${outcome.status}.`
  );
}
