/** The steps that clone a repository: beside its place, and moved there when it is whole. */
import type { Effect, ExecEffect, Settled } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { type Access, git, type Remote } from './_access.ts';
import { parseConfig, withValues } from './_config.ts';
import type { Goal, Site } from './_look.ts';
import type { Wanted } from './_remote.ts';
import { settledHead, settledRefs, settledRepository } from './_settled.ts';

export type CloneGoal = Pick<
  Goal,
  'rev' | 'remote' | 'submodules' | 'bare' | 'mirror' | 'depth' | 'fetchTags'
>;

/** What shall be checked out; undefined in a bare repository. */
export interface Checkout {
  readonly wanted: Wanted;
  /** Undefined: detached. */
  readonly branch: string | undefined;
}

/** An exec effect of git. */
export function gitEffect(
  words: readonly string[],
  access: Access,
  cwd: string,
  settles: readonly Settled[] = [],
): ExecEffect {
  return {
    kind: 'exec',
    command: git(words, access, cwd),
    ...(settles.length > 0 && { settles }),
  };
}

/** A directory for a new repository beside its place, and the steps that put it there in the end. */
export function siteSteps(
  site: Site,
  access: Access,
): { readonly place: string; readonly before: readonly Step[]; readonly after: readonly Step[] } {
  const { path, found, missing, workshop, leftovers } = site;
  const parents = missing.map(
    (folder): Step => ({
      change: { subject: folder, new: 'directory' },
      effect: { kind: 'directory', path: folder },
    }),
  );
  const place = workshop ?? path;
  const mode = found.kind === 'empty' ? found.stat.mode : undefined;
  const room: Effect = {
    kind: 'directory',
    path: place,
    user: access.uid,
    group: access.gid,
    ...(mode !== undefined && { mode }),
  };
  const before: Step[] = [
    ...parents,
    ...(leftovers ? [{ effect: { kind: 'remove', path: place } } as const] : []),
    { effect: room },
  ];
  if (workshop === undefined) {
    const emptied =
      found.kind === 'remains' ? [{ effect: { kind: 'remove', path: `${path}/.git` } } as const] : [];
    return { place, before: [...emptied, ...before], after: [] };
  }
  const cleared: Step[] =
    found.kind === 'other' || found.kind === 'remains'
      ? [
          {
            change: {
              subject: path,
              old: found.kind === 'remains' ? 'interrupted clone' : found.stat.kind,
              new: 'repository',
            },
            effect: { kind: 'remove', path },
          },
        ]
      : [];
  const moved: Step[] = [
    { effect: { kind: 'move', from: workshop, path } },
    { effect: { kind: 'remove', path: workshop }, cleanup: true },
  ];
  return { place, before, after: [...cleared, ...moved] };
}

export function cloneSteps(
  goal: CloneGoal,
  site: Site,
  remote: Remote,
  access: Access,
  checkout: Checkout | undefined,
  change: Change,
): Step[] {
  const { place, before, after } = siteSteps(site, access);
  const { wanted } = checkout ?? {};
  const gitDir = checkout ? `${place}/.git` : place;
  const branch = wanted?.kind === 'branch' ? wanted.branch : undefined;
  // A shallow clone holds nothing but what it is told to begin with; `--branch` takes tags too.
  const tag =
    wanted?.kind === 'tag' && goal.depth !== undefined ? goal.rev.replace(/^refs\/tags\//, '') : undefined;
  const named = branch ?? tag;
  const words = [
    'clone',
    '--quiet',
    ...(goal.mirror ? ['--mirror'] : goal.bare ? ['--bare'] : ['--no-checkout']),
    ...['--origin', goal.remote],
    ...(named === undefined ? [] : ['--branch', named]),
    ...(goal.depth === undefined ? [] : ['--depth', String(goal.depth)]),
    ...(goal.fetchTags ? [] : ['--no-tags']),
    ...['--', remote.url, '.'],
  ];
  const settled = settledRepository(gitDir, configOf(goal, remote, checkout), access);
  const head = checkout
    ? settledHead(
        { gitDir, commonDir: gitDir },
        { branch: checkout.branch, commit: checkout.wanted.commit },
        access,
      )
    : [];
  return [
    ...before,
    { change, effect: gitEffect(words, access, place, [...settled, ...head]) },
    ...(checkout ? checkoutSteps(checkout, branch, access, place) : []),
    ...(goal.submodules ? [{ effect: gitEffect(submoduleWords, access, place) }] : []),
    // Nothing may be missing when the move has reached the disk.
    { effect: syncEffect(place) },
    ...after,
  ];
}

export const submoduleWords = ['submodule', '--quiet', 'update', '--init', '--recursive'];

export function syncEffect(place: string): ExecEffect {
  return { kind: 'exec', command: { argv: ['sync', '-f', '--', '.'], cwd: place }, foreseen: true };
}

/** `made`: the local branch that the clone begins with. */
function checkoutSteps(
  { wanted, branch }: Checkout,
  made: string | undefined,
  access: Access,
  place: string,
): Step[] {
  const renamed =
    branch !== undefined && made !== undefined && made !== branch
      ? [{ effect: gitEffect(['branch', '-m', made, branch], access, place) }]
      : [];
  const words = branch === undefined ? ['--detach', wanted.commit] : ['-B', branch, wanted.commit];
  return [
    ...renamed,
    { effect: gitEffect(['checkout', '--quiet', '--force', ...words, '--'], access, place) },
  ];
}

/** What git writes into the configuration of a clone, as far as the states look at it. */
function configOf(goal: CloneGoal, remote: Remote, checkout: Checkout | undefined): string {
  const pairs: [string, string][] = [
    ['core.bare', String(checkout === undefined)],
    [`remote.${goal.remote}.url`, remote.url],
  ];
  if (checkout?.wanted.kind === 'branch' && checkout.branch !== undefined) {
    pairs.push([`branch.${checkout.branch}.remote`, goal.remote]);
    pairs.push([`branch.${checkout.branch}.merge`, `refs/heads/${checkout.wanted.branch}`]);
  }
  return pairs.reduce((text, [key, value]) => withValues(parseConfig(text, 'config'), key, [value]), '');
}

/** A bare clone, or a mirror: all refs at once. */
export function bareCloneSteps(
  goal: CloneGoal,
  site: Site,
  remote: Remote,
  access: Access,
  theirs: { readonly refs: ReadonlyMap<string, string>; readonly head?: string; readonly commit?: string },
  change: Change,
): Step[] {
  const steps = cloneSteps(goal, site, remote, access, undefined, change);
  const place = site.workshop ?? site.path;
  const head = { branch: theirs.head ?? 'master', commit: theirs.commit };
  const settled = [
    ...settledRefs(place, theirs.refs, access),
    ...settledHead({ gitDir: place, commonDir: place }, head, access),
  ];
  return steps.map((step) => {
    if (step.change !== change || step.effect.kind !== 'exec') return step;
    return { ...step, effect: { ...step.effect, settles: [...(step.effect.settles ?? []), ...settled] } };
  });
}
