/** What git.latest and git.detached read: the repository, what the remote has, and what would be lost. */
import type { Outcome, Reader } from '../../core/host.ts';
import { baseOf, join, parentOf } from '../../core/path.ts';
import type { Refusal } from '../../core/state.ts';
import {
  type Access,
  type AccessArguments,
  accessOf,
  complaint,
  git,
  type Remote,
  remoteOf,
} from './_access.ts';
import { lastValue, valuesOf } from './_config.ts';
import { staleLocks } from './_mark.ts';
import { pathOf } from './_path.ts';
import { askRemote, isHash, type RemoteRefs, refOfTag, refuseRev, type Wanted, wantedOf } from './_remote.ts';
import { type Found, isCommit, lookAt, missingSubmodules, type Repository } from './_repository.ts';

/** What the states ask for, after their arguments have been brought to one form. */
export interface Goal extends AccessArguments {
  readonly name: string;
  readonly target: string;
  readonly rev: string;
  /** The local branch to be on. */
  readonly branch?: string;
  /** No local branch. */
  readonly detached: boolean;
  readonly remote: string;
  readonly submodules: boolean;
  readonly bare: boolean;
  readonly mirror: boolean;
  readonly depth?: number;
  readonly fetchTags: boolean;
  readonly refspecBranch: string;
  readonly refspecTag: string;
  readonly updateHead: boolean;
  /** false: only what the repository has already is looked at. */
  readonly fetch: boolean;
  readonly forceClone: boolean;
  readonly forceCheckout: boolean;
  readonly forceFetch: boolean;
  readonly forceReset: boolean | 'remote-changes';
}

/** Where a repository belongs and where it is cloned first. */
export interface Site {
  /** Without links. */
  readonly path: string;
  readonly found: Found;
  /** Folders above it that are missing, outermost first. */
  readonly missing: readonly string[];
  /** Clones are made here and then moved, so that a power cut leaves nothing half done; undefined: in place. */
  readonly workshop?: string;
  /** Something is left in the workshop from a clone that was cut off. */
  readonly leftovers: boolean;
}

export interface Now {
  readonly refusal?: Refusal;
  readonly site?: Site;
  readonly remote?: Remote;
  readonly access?: Access;
  readonly wanted?: Wanted;
  /** Of a bare repository: all that the remote has. */
  readonly refs?: RemoteRefs;
  readonly local?: Local;
  /** What an interrupted git left. */
  readonly locks?: readonly string[];
}

/** What had to be asked of git because something is to change. */
export interface Local {
  /** Changed files of the work tree that were never committed. */
  readonly changed: readonly string[];
  /** Whether the wanted commit is there already. */
  readonly fetched: boolean;
  /** The wanted tag where it is another here than on the remote: the objects that it is. */
  readonly otherTag?: { readonly ref: string; readonly old?: string; readonly new: string };
  /** Whether the local branch lacks nothing of itself in the wanted commit; undefined: only known after fetching. */
  readonly forward?: boolean;
  readonly shallow: boolean;
  readonly missingSubmodules: readonly string[];
}

export function siteOf(target: string, reader: Reader): Site | Refusal {
  const path = reader.resolve(pathOf(target, reader));
  if (path === '/') return { refused: 'The target cannot be the root of the file system.', certain: true };
  const found = lookAt(path, reader);
  const missing: string[] = [];
  let above = parentOf(path);
  for (; reader.stat(above) === undefined && above !== '/'; above = parentOf(above)) missing.unshift(above);
  if (found.kind === 'nothing' && reader.stat(above)?.kind !== 'directory') {
    return { refused: `${above} is no directory.`, hint: 'Remove it first, or choose another target.' };
  }
  const workshop = join(parentOf(path), `.${baseOf(path)}.converge-clone`);
  // Nothing can be moved onto another file system in one step.
  const movable = found.kind === 'nothing' || isSameDevice(found.stat, reader.stat(above)!);
  return {
    path,
    found,
    missing,
    ...(movable && { workshop }),
    leftovers: movable && reader.stat(workshop) !== undefined,
  };
}

/** What only exists in a dry run has no device yet. */
function isSameDevice(...stats: readonly { readonly inode: string }[]): boolean {
  const [one, other] = stats.map(({ inode }) => /^\d+/.exec(inode)?.[0]);
  return one === undefined || other === undefined || one === other;
}

/** Why git cannot work on what was found there. */
export function refuseFound({ path, found }: Site, bare: boolean, forceClone: boolean): Refusal | undefined {
  if (found.kind === 'other' && !forceClone) {
    return {
      refused: `${path} exists and is no git repository.`,
      hint: 'Choose another target, or set force_clone: true to remove what is there.',
    };
  }
  if (found.kind !== 'repository') return undefined;
  const { repository } = found;
  if (lastValue(repository.config, 'extensions.refstorage') === 'reftable') {
    return { refused: `${path} stores its refs as reftable, which converge cannot read.`, certain: true };
  }
  const foreign = refuseForeign(repository, path);
  if (foreign) return foreign;
  if (repository.bare === bare) return undefined;
  return {
    refused: bare
      ? `${path} is a repository with a work tree, not a bare one.`
      : `${path} is a bare repository: nothing can be checked out there.`,
    hint: 'Choose another target.',
  };
}

export function refuseForeign({ foreign }: Repository, path: string): Refusal | undefined {
  if (foreign === undefined) return undefined;
  return {
    refused: `${foreign} does not belong to the owner of ${path}.`,
    hint: 'Give the whole repository to one user.',
  };
}

export async function look(goal: Goal, reader: Reader): Promise<Now> {
  const wrong =
    refuseRev(goal.rev, 'rev') ??
    (goal.branch === undefined ? undefined : refuseRev(goal.branch, 'branch')) ??
    refuseRev(goal.remote, 'remote') ??
    refuseCombination(goal);
  if (wrong) return { refusal: wrong };
  const remote = remoteOf(goal.name, goal);
  if ('refused' in remote) return { refusal: remote };
  const site = siteOf(goal.target, reader);
  if ('refused' in site) return { refusal: site };
  const { found } = site;
  const refusal = refuseFound(site, goal.bare || goal.mirror, goal.forceClone);
  if (refusal) return { refusal };
  const owner =
    found.kind === 'repository'
      ? found.repository
      : found.kind === 'empty' && goal.user === undefined
        ? found.stat
        : undefined;
  const access = accessOf(goal, remote, owner, reader);
  if ('refused' in access) return { refusal: access };
  const locks =
    found.kind === 'repository' && found.repository.interrupted ? staleLocks(found.repository, reader) : [];
  const now: Now = { site, remote, access, locks };
  const ask: Ask = (...words) => reader.probe(git(words, access, site.path));
  if (goal.bare || goal.mirror) return await withRefs(now, goal, remote, access, reader);
  const wanted =
    (found.kind === 'repository' ? await knownLocally(goal, found.repository, ask) : undefined) ??
    (found.kind === 'repository' && !goal.fetch ? localOnly(goal, found.repository) : undefined) ??
    (isCommit(goal.rev.toLowerCase())
      ? ({ kind: 'commit', commit: goal.rev.toLowerCase() } as const)
      : await wantedOf(goal.rev, remote, access, reader));
  if ('refused' in wanted) return { refusal: wanted };
  if (found.kind !== 'repository') return { ...now, wanted };
  if (wanted.kind === 'branch' && wanted.unknown) {
    return {
      refusal: {
        refused: `${remote.url} can only be asked when the user, the key or the host key that earlier states make is there.`,
      },
    };
  }
  return await withLocal({ ...now, wanted }, goal, site.path, found.repository, ask, wanted, reader);
}

/** Asks git about the repository. */
type Ask = (...words: readonly string[]) => Promise<Outcome>;

function refuseCombination(goal: Goal): Refusal | undefined {
  const certain = true;
  for (const [argument, pattern] of [
    ['refspec_branch', goal.refspecBranch],
    ['refspec_tag', goal.refspecTag],
  ] as const) {
    const wrong = refuseRev(pattern.replace('*', 'x'), argument);
    if (wrong) return wrong;
  }
  if ((goal.bare || goal.mirror) && (goal.branch !== undefined || goal.rev !== 'HEAD' || goal.submodules)) {
    return {
      refused: 'In a bare repository nothing is checked out, so rev, branch and submodules mean nothing.',
      certain,
    };
  }
  if (goal.depth !== undefined && goal.rev !== 'HEAD' && isCommit(goal.rev.toLowerCase())) {
    return {
      refused: 'A commit cannot be fetched with a depth: servers give branches and tags.',
      hint: 'Name a branch or tag in `rev`, or leave out `depth`.',
      certain,
    };
  }
  return undefined;
}

/**
 * What needs no look at the remote: a commit, or a tag that is checked out.
 * Unlike Salt: git.latest takes it that a tag stays where it is. A tag that is checked out is only looked up on the
 * remote again with `force_fetch`.
 */
async function knownLocally(
  goal: Goal,
  { refs, revision }: Repository,
  ask: Ask,
): Promise<Wanted | undefined> {
  const { rev } = goal;
  if (revision === undefined) return undefined;
  if (refs.get(`refs/remotes/${goal.remote}/${rev}`) !== undefined) return undefined;
  const tagged = refs.commit(refOfTag(rev));
  if (tagged !== undefined) {
    if (goal.forceFetch) return undefined;
    // Of a tag object that no pack names, only git knows the commit.
    const commit =
      tagged === revision ? tagged : (await ask('rev-parse', `${refOfTag(rev)}^{commit}`)).stdout.trim();
    return commit === revision ? { kind: 'tag', commit } : undefined;
  }
  return isHash(rev) && revision.startsWith(rev.toLowerCase())
    ? { kind: 'commit', commit: revision }
    : undefined;
}

function localOnly({ rev, remote }: Goal, { refs }: Repository): Wanted | Refusal {
  const tip = refs.get(`refs/remotes/${remote}/${rev}`);
  if (tip !== undefined) return { kind: 'branch', branch: rev, commit: tip };
  const tagged = refs.commit(refOfTag(rev));
  if (tagged !== undefined) return { kind: 'tag', commit: tagged };
  if (isHash(rev)) return { kind: 'commit', commit: rev.toLowerCase() };
  return { refused: `The clone has no branch or tag "${rev}".`, hint: 'Let it fetch: fetch_remote: true.' };
}

/** The local branch to be on; undefined: none. */
export function branchFor(
  goal: Goal,
  wanted: Wanted,
  repository: Repository | undefined,
): string | undefined {
  if (goal.detached) return undefined;
  if (goal.branch !== undefined) return goal.branch;
  if (goal.rev === 'HEAD' && repository?.branch !== undefined) return repository.branch;
  return wanted.kind === 'branch' ? wanted.branch : undefined;
}

/** Whether HEAD is what is wanted, whatever the files are. */
export function isThere(goal: Goal, wanted: Wanted, repository: Repository): boolean {
  return (
    repository.interrupted !== 'checkout' &&
    repository.hasIndex &&
    repository.revision?.startsWith(wanted.commit) === true &&
    repository.branch === branchFor(goal, wanted, repository)
  );
}

async function withLocal(
  now: Now,
  goal: Goal,
  path: string,
  repository: Repository,
  ask: Ask,
  wanted: Wanted,
  reader: Reader,
): Promise<Now> {
  const there = isThere(goal, wanted, repository);
  const still = there || !goal.updateHead;
  const missing = goal.submodules ? missingSubmodules(path, reader) : [];
  const untouched: Local = {
    changed: [],
    fetched: true,
    shallow: reader.stat(`${repository.commonDir}/shallow`) !== undefined,
    missingSubmodules: missing,
    ...otherTagOf(goal, wanted, repository, there),
  };
  if (there && goal.forceReset !== true) return { ...now, local: untouched };
  let changed: string[] = [];
  if (repository.hasIndex && repository.revision !== undefined && repository.interrupted !== 'checkout') {
    // --no-optional-locks: a look changes nothing, not even the index.
    const status = await ask(
      ...['--no-optional-locks', 'status', '--porcelain=v1', '-z', '--no-renames'],
      ...['--untracked-files=no', '--ignore-submodules=dirty'],
    );
    // A repository that only exists in a dry run holds no changes.
    const imagined = status.pid === 0 && /does not exist/.test(status.stderr);
    if (status.status !== 0 && !imagined) {
      const { what, hint } = complaint(status);
      return {
        refusal: { refused: `git cannot work on ${path}: ${what}`, ...(hint !== undefined && { hint }) },
      };
    }
    changed = imagined
      ? []
      : status.stdout
          .split('\0')
          .filter(Boolean)
          .map((line) => line.slice(3));
  }
  if (there) return { ...now, local: { ...untouched, changed } };
  const fetched = !goal.fetch || (await ask('cat-file', '-e', `${wanted.commit}^{commit}`)).status === 0;
  const branch = branchFor(goal, wanted, repository);
  const tip = branch === undefined ? undefined : repository.refs.get(`refs/heads/${branch}`);
  const forward =
    tip === undefined || tip === wanted.commit || still
      ? true
      : fetched
        ? (await ask('merge-base', '--is-ancestor', tip, wanted.commit)).status === 0
        : undefined;
  return {
    ...now,
    local: {
      ...untouched,
      changed,
      fetched,
      ...(forward !== undefined && { forward }),
    },
  };
}

/** What is checked out already may be by a tag of its own here; `force_fetch` follows that of the remote. */
function otherTagOf(
  { rev, forceFetch, fetchTags }: Goal,
  wanted: Wanted,
  { refs }: Repository,
  there: boolean,
): Pick<Local, 'otherTag'> {
  if (wanted.kind !== 'tag' || wanted.object === undefined || (there && !forceFetch)) return {};
  const ref = refOfTag(rev);
  const old = refs.get(ref);
  if (old === wanted.object || (old === undefined && !fetchTags)) return {};
  return { otherTag: { ref, ...(old !== undefined && { old }), new: wanted.object } };
}

async function withRefs(now: Now, goal: Goal, remote: Remote, access: Access, reader: Reader): Promise<Now> {
  const patterns = goal.mirror ? [] : ['HEAD', 'refs/heads/*', 'refs/tags/*'];
  const asked = await askRemote(remote, patterns, access, reader);
  return 'refused' in asked ? { refusal: asked } : { ...now, refs: asked };
}

/** Whether the configuration knows the remote by this address. */
export function urlOf(repository: Repository, remote: string): string | undefined {
  return valuesOf(repository.config, `remote.${remote}.url`)[0];
}
