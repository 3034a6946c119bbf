/** The steps that bring an existing repository to what is wanted, without losing what was never committed. */
import type { Effect, ExecEffect } from '../../core/host.ts';
import type { Change, Plan, Refusal, Step } from '../../core/state.ts';
import type { Access, Remote } from './_access.ts';
import { gitEffect, submoduleWords, syncEffect } from './_clone.ts';
import { lastValue, parseConfig, withValues } from './_config.ts';
import { branchFor, type Goal, isThere, type Local, urlOf } from './_look.ts';
import { marked } from './_mark.ts';
import { refOfTag, type Wanted } from './_remote.ts';
import type { Repository } from './_repository.ts';
import { settledHead, settledRefs } from './_settled.ts';

export interface Update {
  readonly goal: Goal;
  readonly path: string;
  readonly remote: Remote;
  readonly access: Access;
  readonly repository: Repository;
  readonly wanted: Wanted;
  readonly local: Local;
  /** Of a git that was cut off. */
  readonly locks: readonly string[];
}

export function planUpdate(update: Update): Plan {
  const { goal, path, repository, wanted, local, access } = update;
  const settings = configStep(update);
  const there = isThere(goal, wanted, repository);
  const discard = there && goal.forceReset === true && local.changed.length > 0;
  if (!there && goal.updateHead) {
    const refusal = refuseLoss(update);
    if (refusal) return refusal;
  }
  const steps = [...(settings ? [settings] : [])];
  if ((!there && goal.updateHead) || discard) steps.push(...moveSteps(update));
  else {
    const change = fetchedChange(update);
    if (change) steps.push(...unlockSteps(update), ...fetchSteps(update, change));
    if (there && local.missingSubmodules.length > 0) {
      steps.push({
        change: { subject: 'submodules', new: local.missingSubmodules },
        effect: gitEffect(submoduleWords, access, path, settledSubmodules(update)),
      });
    }
  }
  return steps.length === 0 ? { steps, comment: `Repository ${path} is up-to-date` } : steps;
}

/** Salt: local changes are dropped with force_reset, and with force_checkout where another branch is checked out. */
function refuseLoss({ goal, path, repository, wanted, local }: Update): Refusal | undefined {
  const branch = branchFor(goal, wanted, repository);
  const { changed } = local;
  const switching = goal.detached || branch !== repository.branch;
  const dropping = isForced(goal) || (goal.forceCheckout && switching);
  if (changed.length > 0 && !dropping) {
    const shown =
      changed.slice(0, 10).join(', ') + (changed.length > 10 ? ` and ${changed.length - 10} more` : '');
    return {
      refused: `Uncommitted changes in ${path} would be lost: ${shown}.`,
      hint: 'Commit or discard them, or set force_reset: true.',
    };
  }
  if (local.forward === false && !isForced(goal) && !isLocalFree(goal, wanted, repository, local)) {
    return {
      refused: `The branch ${branch} in ${path} holds commits that ${wanted.commit.slice(0, 12)} does not have.`,
      hint: 'Push them, or set force_reset: true to drop them.',
    };
  }
  return undefined;
}

function isForced(goal: Goal): boolean {
  return goal.forceReset !== false;
}

/** The history of a shallow clone is too short to compare; a branch that is where the remote's was has nothing of its own. */
function isLocalFree({ remote }: Goal, wanted: Wanted, { refs }: Repository, { shallow }: Local): boolean {
  if (!shallow || wanted.kind !== 'branch') return false;
  const tip = refs.get(`refs/heads/${wanted.branch}`);
  return tip !== undefined && tip === refs.get(`refs/remotes/${remote}/${wanted.branch}`);
}

/** The remote's address, and what the branch follows. A file of ours: no git is needed for it. */
function configStep({ goal, remote, repository, wanted }: Update): Step | undefined {
  const changes: Change[] = [];
  let { config } = repository;
  function set(key: string, value: string | undefined): void {
    config = parseConfig(withValues(config, key, value === undefined ? [] : [value]), repository.configPath);
  }
  const url = urlOf(repository, goal.remote);
  if (url !== remote.url) {
    changes.push({ subject: `remotes/${goal.remote}`, old: url, new: remote.url });
    set(`remote.${goal.remote}.url`, remote.url);
    if (url === undefined && !repository.bare) {
      set(`remote.${goal.remote}.fetch`, `+refs/heads/*:refs/remotes/${goal.remote}/*`);
    }
  }
  const branch = repository.bare ? undefined : branchFor(goal, wanted, repository);
  if (branch !== undefined && goal.rev !== 'HEAD' && goal.updateHead) {
    const keys = [`branch.${branch}.remote`, `branch.${branch}.merge`] as const;
    const follows =
      wanted.kind === 'branch' ? [goal.remote, `refs/heads/${wanted.branch}`] : [undefined, undefined];
    const now = keys.map((key) => lastValue(repository.config, key));
    if (now.some((value, index) => value !== follows[index])) {
      const shown = (pair: readonly (string | undefined)[]) =>
        pair[0] === undefined ? undefined : `${pair[0]}/${pair[1]?.replace('refs/heads/', '')}`;
      changes.push({ subject: `${branch} follows`, old: shown(now), new: shown(follows) });
      for (const [index, key] of keys.entries()) set(key, follows[index]);
    }
  }
  const [change, ...also] = changes;
  if (change === undefined) return undefined;
  const effect: Effect = { kind: 'write', path: repository.configPath, content: Buffer.from(config.text) };
  return also.length > 0 ? { change, also, effect } : { change, effect };
}

/** Fetches, checks out and merges, each under a mark that tells the next run of a power cut in between. */
function moveSteps(update: Update): Step[] {
  const { goal, path, repository, wanted, access } = update;
  const [change, ...also] = changesOf(update);
  const branch = branchFor(goal, wanted, repository);
  const settles = settledHead(repository, { branch, commit: wanted.commit }, access);
  const moves = checkoutWords(update);
  return [
    ...unlockSteps(update),
    ...(fetchedChange(update) ? fetchSteps(update) : []),
    ...marked(repository.gitDir, 'checkout', access, [
      ...moves.map((words, index) => {
        if (index < moves.length - 1) return { effect: gitEffect(words, access, path) };
        return { ...(change && { change }), also, effect: gitEffect(words, access, path, settles) };
      }),
      ...(goal.submodules
        ? [{ effect: gitEffect(submoduleWords, access, path, settledSubmodules(update)) }]
        : []),
      { effect: syncEffect(path) },
    ]),
  ];
}

function unlockSteps({ locks }: Pick<Update, 'locks'>): Step[] {
  return locks.map((path) => ({ effect: { kind: 'remove', path } }));
}

/** Its files are half checked out, by a git that was cut off: what they hold is in the repository anyway. */
function isTorn({ interrupted, hasIndex, revision }: Repository): boolean {
  return interrupted === 'checkout' || (!hasIndex && revision !== undefined);
}

function changesOf({ goal, repository, wanted, local }: Update): Change[] {
  const { revision, branch: old } = repository;
  const branch = branchFor(goal, wanted, repository);
  const changes: Change[] = [];
  if (revision?.startsWith(wanted.commit) !== true) {
    changes.push({ subject: 'revision', old: revision, new: wanted.commit });
  }
  if (old !== branch) changes.push({ subject: 'branch', old, new: branch });
  if (local.changed.length > 0) changes.push({ subject: 'uncommitted changes', old: local.changed });
  if (changes.length === 0)
    changes.push({ subject: 'interrupted update', old: revision, new: wanted.commit });
  return changes;
}

/** The calls of git that lead to the wanted commit, in order. */
function checkoutWords({ goal, repository, wanted, local }: Update): string[][] {
  const { commit } = wanted;
  const branch = branchFor(goal, wanted, repository);
  const torn = isTorn(repository);
  const forced = torn || isForced(goal);
  const force = forced || goal.forceCheckout ? ['--force'] : [];
  const checkout = (...words: string[]): string[] => ['checkout', '--quiet', ...force, ...words, '--'];
  if (branch === undefined) return [checkout('--detach', commit)];
  const tip = repository.refs.get(`refs/heads/${branch}`);
  if (tip === undefined) return [checkout('-B', branch, commit)];
  // What the branch has of its own was found to be nothing, or is to go.
  const free = isLocalFree(goal, wanted, repository, local);
  if (torn ? local.forward === true || isForced(goal) || free : isForced(goal)) {
    return [checkout('-B', branch, commit)];
  }
  return [
    ...(branch === repository.branch && !torn ? [] : [checkout(branch)]),
    free ? ['reset', '--quiet', '--keep', commit] : ['merge', '--quiet', '--ff-only', commit],
  ];
}

/** Undefined: all that is wanted is there. */
function fetchedChange({ repository, wanted, local: { fetched, otherTag } }: Update): Change | undefined {
  if (!fetched) return { subject: 'fetched', old: repository.revision, new: wanted.commit };
  return otherTag && { subject: otherTag.ref, old: otherTag.old, new: otherTag.new };
}

function fetchSteps(update: Update, change?: Change): Step[] {
  const { access, repository } = update;
  const step = { ...(change && { change }), effect: fetchEffect(update) };
  return marked(repository.gitDir, 'fetch', access, [step]);
}

/**
 * Unlike Salt: git.latest always lets the remote's branches of the clone follow the remote, even where they were
 * rewritten there; the local branch is what force_reset guards.
 */
function fetchEffect({ goal, path, access, wanted, local, repository }: Update): ExecEffect {
  const { rev, refspecBranch, refspecTag } = goal;
  const specs = new Set([`+refs/heads/${refspecBranch}:refs/remotes/${goal.remote}/${refspecBranch}`]);
  if (wanted.kind === 'branch') {
    specs.add(`+refs/heads/${wanted.branch}:refs/remotes/${goal.remote}/${wanted.branch}`);
  }
  const tag = refOfTag(rev);
  if (wanted.kind === 'tag') specs.add(`+${tag}:${tag}`);
  const allTags = goal.fetchTags && refspecTag === '*';
  if (goal.fetchTags && !allTags) specs.add(`refs/tags/${refspecTag}:refs/tags/${refspecTag}`);
  const words = [
    'fetch',
    '--quiet',
    '--no-recurse-submodules',
    allTags ? '--tags' : '--no-tags',
    ...(goal.forceFetch ? ['--force'] : []),
    ...(goal.depth === undefined ? [] : ['--depth', String(goal.depth)]),
    '--',
    goal.remote,
    ...specs,
  ];
  const { otherTag } = local;
  return gitEffect(
    words,
    access,
    path,
    otherTag ? settledRefs(repository.commonDir, [[otherTag.ref, otherTag.new]], access) : [],
  );
}

function settledSubmodules({ path, local, access }: Update) {
  return local.missingSubmodules.flatMap((at) => [
    { about: 'file', effect: { kind: 'directory', path: `${path}/${at}`, user: access.uid } } as const,
    {
      about: 'file',
      effect: { kind: 'write', path: `${path}/${at}/.git`, content: Buffer.alloc(0) },
    } as const,
  ]);
}

/** A bare repository: each ref that differs is a difference of its own. */
export function planBareUpdate(
  update: Omit<Update, 'wanted' | 'local'> & { readonly theirs: ReadonlyMap<string, string> },
): Plan {
  const { goal, path, repository, access, theirs } = update;
  const ours = repository.refs.all();
  const isMeant = (ref: string) =>
    !ref.endsWith('^{}') &&
    (goal.mirror || ref.startsWith('refs/heads/') || (goal.fetchTags && ref.startsWith('refs/tags/')));
  const changed = [...theirs].filter(
    ([ref, object]) => ref.startsWith('refs/') && isMeant(ref) && ours.get(ref) !== object,
  );
  const gone = goal.mirror ? [...ours].filter(([ref]) => !theirs.has(ref)) : [];
  const settings = configStep({ ...update, wanted: { kind: 'commit', commit: '' }, local: noLocal });
  const changes: Change[] = [
    ...changed.map(([ref, object]) => ({ subject: ref, old: ours.get(ref), new: object })),
    ...gone.map(([ref, object]) => ({ subject: ref, old: object })),
  ];
  const steps = settings ? [settings] : [];
  const [change, ...also] = changes;
  if (change === undefined) {
    return steps.length > 0 ? steps : { steps, comment: `Repository ${path} is up-to-date` };
  }
  const specs = goal.mirror
    ? ['+refs/*:refs/*']
    : ['+refs/heads/*:refs/heads/*', ...(goal.fetchTags ? ['+refs/tags/*:refs/tags/*'] : [])];
  const words = ['fetch', '--quiet', ...(goal.mirror ? ['--prune'] : []), '--', goal.remote, ...specs];
  const settles = [
    ...settledRefs(repository.commonDir, changed, access),
    ...gone.map(
      ([ref]) =>
        ({ about: 'file', effect: { kind: 'remove', path: `${repository.commonDir}/${ref}` } }) as const,
    ),
  ];
  const fetching = { change, also, effect: gitEffect(words, access, path, settles) };
  return [...steps, ...unlockSteps(update), ...marked(repository.gitDir, 'fetch', access, [fetching])];
}

const noLocal: Local = { changed: [], fetched: true, shallow: false, missingSubmodules: [] };
