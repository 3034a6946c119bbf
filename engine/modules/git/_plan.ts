/** The plan of git.latest and git.detached: clone, update, or nothing. */
import type { Plan } from '../../core/state.ts';
import { bareCloneSteps, cloneSteps } from './_clone.ts';
import { branchFor, type Goal, type Now } from './_look.ts';
import { shownCommit } from './_remote.ts';
import { planBareUpdate, planUpdate } from './_update.ts';

export function plan(goal: Goal, now: Now): Plan {
  if (now.refusal) return now.refusal;
  const { remote, wanted, refs, local, locks = [] } = now;
  const site = now.site!;
  const access = now.access!;
  const { found, path } = site;
  if (found.kind === 'repository') {
    const { repository } = found;
    const update = { goal, path, remote: remote!, access, repository, locks };
    if (refs) return planBareUpdate({ ...update, theirs: refs.refs });
    return planUpdate({ ...update, wanted: wanted!, local: local! });
  }
  if (refs) {
    const commit = refs.refs.get('HEAD');
    const change =
      commit === undefined ? { subject: 'repository', new: path } : { subject: 'revision', new: commit };
    const theirs = new Map([...refs.refs].filter(([ref]) => !ref.endsWith('^{}') && ref.startsWith('refs/')));
    return bareCloneSteps(goal, site, remote!, access, { refs: theirs, head: refs.head, commit }, change);
  }
  const checkout = { wanted: wanted!, branch: branchFor(goal, wanted!, undefined) };
  const change = { subject: 'revision', new: shownCommit(wanted!) };
  return cloneSteps(goal, site, remote!, access, checkout, change);
}
